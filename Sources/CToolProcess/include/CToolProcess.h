#ifndef C_TOOL_PROCESS_H
#define C_TOOL_PROCESS_H

#include <sys/types.h>

/// A tool that `tool_start` has started, and its guard process.
struct tool_process {
  /// Process ids of the tool and of the guard, which leads their process group.
  pid_t tool, guard;
  /// Standard output and error of the tool, for reading; non-blocking, the caller must close them.
  int output, error;
  /// Closing this descriptor, or the end of this program, ends the process group.
  int lifeline;
  /// Where the caller writes what the tool reads from its standard input, non-blocking; −1 where that is
  /// empty. Closed by `tool_end`, or before by the caller, who then sets it to −1.
  int words;
};

/// The descriptor where the tool finds the input file: `/proc/self/fd/3`.
#define TOOL_INPUT_DESCRIPTOR 3

/// Starts the program `path` with empty standard input, in its own process group. A guard process
/// in that group kills the whole group as soon as this program ends for any reason.
///
/// - input: a descriptor that becomes `TOOL_INPUT_DESCRIPTOR` of the tool, or −1. All other
///   descriptors except the three standard ones are closed.
/// - Returns 0, or an error number with no process left running.
int tool_start(
    const char *path, char *const arguments[], char *const environment[], int input,
    struct tool_process *result);

/// The same, with a pipe for standard input: `words` of the result. Writing to it never blocks; without a
/// reader it raises SIGPIPE, which the caller has to ignore.
int tool_converse(
    const char *path, char *const arguments[], char *const environment[],
    struct tool_process *result);

/// Kills every process of the group. Must not be called after `tool_end`.
void tool_kill(struct tool_process process);

/// Returns 1 when the tool has ended, with its wait status in `status`, and 0 while it is running.
/// A tool whose status is lost counts as successful.
int tool_has_ended(struct tool_process process, int *status);

/// Kills remaining processes of the group and closes the descriptors. The tool must have ended or
/// been killed.
void tool_end(struct tool_process process);

#endif
