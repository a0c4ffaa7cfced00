#ifndef C_TOOL_PROCESS_H
#define C_TOOL_PROCESS_H

#include <sys/types.h>

/// A tool that was started by `tool_start`, and the process that guards it.
struct tool_process {
  /// The tool, and the leader of its process group.
  pid_t tool, guard;
  /// What the tool writes to its standard output and error; non-blocking, for the caller to close.
  int output, error;
  /// Closing this descriptor, or the end of this program, ends the process group.
  int lifeline;
};

/// Where the tool finds the input file: `/proc/self/fd/3`.
#define TOOL_INPUT_DESCRIPTOR 3

/// Starts `path` with empty standard input, in a process group of its own. A guard in that group
/// kills the whole group as soon as this program ends for any reason.
///
/// - input: a descriptor that becomes `TOOL_INPUT_DESCRIPTOR` of the tool, or −1. All others but
///   the standard three are closed.
/// - Returns 0, or an error number with no process left running.
int tool_start(
    const char *path, char *const arguments[], char *const environment[], int input,
    struct tool_process *result);

/// Kills every process of the group. Only before `tool_end`.
void tool_kill(struct tool_process process);

/// 1 when the tool has ended (its wait status is in `status`), 0 when it still runs. A tool whose
/// status is lost counts as successful.
int tool_has_ended(struct tool_process process, int *status);

/// Kills what is left of the group, and closes the descriptors. The tool must have ended or been
/// killed.
void tool_end(struct tool_process process);

#endif
