#define _GNU_SOURCE
#include "CToolProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

// File descriptors from here on are above those passed to child processes, so that none is
// overwritten.
enum { LOWEST = 16 };

static int raise_descriptor(int *descriptor) {
  int high = fcntl(*descriptor, F_DUPFD_CLOEXEC, LOWEST);
  if (high < 0) return errno;
  close(*descriptor);
  *descriptor = high;
  return 0;
}

static int make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  int code = raise_descriptor(&ends[0]);
  return code ? code : raise_descriptor(&ends[1]);
}

static void close_pair(int ends[2]) {
  for (int end = 0; end < 2; end++)
    if (ends[end] >= 0) close(ends[end]);
}

// Starts a child process in `group` (0: a new one) with default signals and the given standard
// streams; −1 is /dev/null.
static int spawn_child(
    const char *path, char *const arguments[], char *const environment[], pid_t group,
    const int streams[3], int input, pid_t *child) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&actions);
  if (code) return code;
  if ((code = posix_spawnattr_init(&attributes))) {
    posix_spawn_file_actions_destroy(&actions);
    return code;
  }
  for (int stream = 0; stream < 3 && !code; stream++)
    code = streams[stream] < 0
        ? posix_spawn_file_actions_addopen(
              &actions, stream, "/dev/null", stream ? O_WRONLY : O_RDONLY, 0)
        : posix_spawn_file_actions_adddup2(&actions, streams[stream], stream);
  if (!code && input >= 0)
    code = posix_spawn_file_actions_adddup2(&actions, input, TOOL_INPUT_DESCRIPTOR);
  int above = TOOL_INPUT_DESCRIPTOR + (input >= 0);
  if (!code) code = posix_spawn_file_actions_addclosefrom_np(&actions, above);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  if (!code) code = posix_spawnattr_setsigmask(&attributes, &none);
  if (!code) code = posix_spawnattr_setsigdefault(&attributes, &all);
  if (!code) code = posix_spawnattr_setpgroup(&attributes, group);
  if (!code)
    code = posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  if (!code) code = posix_spawn(child, path, &actions, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return code;
}

// Starts a process that waits on the lifeline pipe. The system closes its other end with this
// program, even after SIGKILL; then the process kills its own process group.
static int start_guard(int waiting_end, pid_t *guard) {
  char *const arguments[] = {"sh", "-c", "read line; kill -s KILL 0", NULL};
  char *const environment[] = {NULL};
  const int streams[3] = {waiting_end, -1, -1};
  return spawn_child("/bin/sh", arguments, environment, 0, streams, -1, guard);
}

static void reap(pid_t child) {
  int status;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
}

static int start(
    const char *path, char *const arguments[], char *const environment[], int input, int converses,
    struct tool_process *result) {
  int lifeline[2] = {-1, -1}, output[2] = {-1, -1}, error[2] = {-1, -1}, words[2] = {-1, -1};
  int file = -1, code = 0;
  pid_t guard = 0, tool = 0;
  if (input >= 0 && (file = fcntl(input, F_DUPFD_CLOEXEC, LOWEST)) < 0) code = errno;
  if (!code) code = make_pipe(lifeline);
  if (!code) code = make_pipe(output);
  if (!code) code = make_pipe(error);
  if (!code && converses) code = make_pipe(words);
  if (!code) code = start_guard(lifeline[0], &guard);
  if (!code) {
    const int streams[3] = {words[0], output[1], error[1]};
    code = spawn_child(path, arguments, environment, guard, streams, file, &tool);
  }
  if (file >= 0) close(file);
  if (code) {
    if (guard > 0) {
      kill(-guard, SIGKILL);
      reap(guard);
    }
    close_pair(lifeline);
    close_pair(output);
    close_pair(error);
    close_pair(words);
    return code;
  }
  close(lifeline[0]);
  close(output[1]);
  close(error[1]);
  if (words[0] >= 0) {
    close(words[0]);
    (void)fcntl(words[1], F_SETFL, O_NONBLOCK);
    (void)fcntl(words[1], F_SETPIPE_SZ, 1 << 20);
  }
  // A pipe buffer larger than the default, if the system allows; a failure is harmless.
  (void)fcntl(output[0], F_SETPIPE_SZ, 1 << 20);
  (void)fcntl(output[0], F_SETFL, O_NONBLOCK);
  (void)fcntl(error[0], F_SETFL, O_NONBLOCK);
  *result = (struct tool_process){
      .tool = tool, .guard = guard, .output = output[0], .error = error[0],
      .lifeline = lifeline[1], .words = words[1]};
  return 0;
}

int tool_start(
    const char *path, char *const arguments[], char *const environment[], int input,
    struct tool_process *result) {
  return start(path, arguments, environment, input, 0, result);
}

int tool_converse(
    const char *path, char *const arguments[], char *const environment[],
    struct tool_process *result) {
  return start(path, arguments, environment, -1, 1, result);
}

void tool_kill(struct tool_process process) { kill(-process.guard, SIGKILL); }

int tool_has_ended(struct tool_process process, int *status) {
  pid_t ended = waitpid(process.tool, status, WNOHANG);
  if (ended < 0 && errno == ECHILD) {
    *status = 0;
    return 1;
  }
  return ended == process.tool;
}

void tool_end(struct tool_process process) {
  tool_kill(process);
  close(process.lifeline);
  close(process.output);
  close(process.error);
  if (process.words >= 0) close(process.words);
  reap(process.guard);
}
