#define _GNU_SOURCE
#include "CCurses.h"
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t armed, modes_known, screen_modes_known;
static int terminal_output = -1, terminal_input = -1, writer = -1;
static int real_errors = -1, error_log = -1;
static struct termios modes, screen_modes;
static char restore[512];
static size_t restore_length;

/// Timeout for writing to a blocked terminal, in ms; applied before and after its output queue is
/// flushed.
enum { PATIENCE_MS = 100 };

static int is_the_terminal(int descriptor) {
  struct stat a, b;
  return terminal_output >= 0 && isatty(descriptor) && fstat(descriptor, &a) == 0 &&
         fstat(terminal_output, &b) == 0 && a.st_rdev == b.st_rdev;
}

static int takes_bytes_within(int milliseconds, int to) {
  struct pollfd place = {.fd = to, .events = POLLOUT};
  return poll(&place, 1, milliseconds) > 0 && place.revents & POLLOUT;
}

static int takes_bytes(int to) { return takes_bytes_within(PATIENCE_MS, to); }

int cc_terminal_takes_bytes(void) { return takes_bytes_within(0, terminal_output); }

/// Writes to the terminal with a timeout of `PATIENCE_MS`; returns 0 on failure.
static int write_with_timeout(const char *text, size_t length) {
  int to = writer >= 0 ? writer : terminal_output;
  while (length > 0) {
    if (!takes_bytes(to)) return 0;
    ssize_t written = write(to, text, length);
    if (written < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (written <= 0) return 0;
    text += written;
    length -= (size_t)written;
  }
  return 1;
}

/// Writes to the terminal; if it is blocked, flushes its output queue and writes again. CAN ends a
/// truncated escape sequence.
static void write_or_flush(const char *text, size_t length) {
  if (write_with_timeout(text, length)) return;
  tcflow(terminal_output, TCOON);
  tcflush(terminal_output, TCOFLUSH);
  if (write_with_timeout("\030", 1)) write_with_timeout(text, length);
}

static void write_errors(int to, const char *text, size_t length) {
  if (is_the_terminal(to)) {
    write_with_timeout(text, length);
    return;
  }
  while (length > 0 && takes_bytes(to)) {
    ssize_t written = write(to, text, length);
    if (written <= 0) return;
    text += written;
    length -= (size_t)written;
  }
}

/// The last complete lines of the captured error output.
static const char *tail(int log, char *block, size_t room, size_t *length) {
  struct stat file;
  *length = 0;
  if (log < 0 || fstat(log, &file) != 0 || file.st_size <= 0) return block;
  off_t start = file.st_size > (off_t)room ? file.st_size - (off_t)room : 0;
  ssize_t count = pread(log, block, room, start);
  if (count <= 0) return block;
  const char *from = block;
  if (start > 0) {
    const char *line = memchr(block, '\n', (size_t)count);
    if (line) from = line + 1;
  }
  *length = (size_t)(block + count - from);
  return from;
}

void cc_replay_tail(int log, int to) {
  char block[4096];
  size_t length;
  const char *from = tail(log, block, sizeof block, &length);
  write_errors(to, from, length);
}

static int same_modes(const struct termios *a, const struct termios *b) {
  return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag && a->c_cflag == b->c_cflag &&
         a->c_lflag == b->c_lflag && memcmp(a->c_cc, b->c_cc, sizeof a->c_cc) == 0;
}

/// Whether the terminal modes may be restored. In the background they may be those of a shell that
/// is reading its next line.
static int modes_are_ours(void) {
  struct termios now;
  if (!modes_known) return 0;
  if (!cc_in_background() || !screen_modes_known) return 1;
  return tcgetattr(terminal_input, &now) == 0 && same_modes(&now, &screen_modes);
}

static void restore_screen(void) {
  static const char modes_off[] = "\033[?2004l\033[?1006l\033[?1000l";
  int has_modes = modes_are_ours();
  if (has_modes) {
    // Without IXON, output that ^S has stopped continues.
    struct termios flowing = modes;
    flowing.c_iflag &= ~(tcflag_t)IXON;
    tcsetattr(terminal_input, TCSANOW, &flowing);
  }
  char text[sizeof modes_off + sizeof restore];
  memcpy(text, modes_off, sizeof modes_off - 1);
  memcpy(text + sizeof modes_off - 1, restore, restore_length);
  write_or_flush(text, sizeof modes_off - 1 + restore_length);
  if (has_modes) tcsetattr(terminal_input, TCSANOW, &modes);
}

void cc_terminal_put_back(void) {
  // Without blocking SIGTTOU, a background process would be stopped when it uses the terminal.
  sigset_t output, mask;
  sigemptyset(&output);
  sigaddset(&output, SIGTTOU);
  pthread_sigmask(SIG_BLOCK, &output, &mask);
  cc_display_halt();
  if (armed) {
    armed = 0;
    restore_screen();
  }
  if (real_errors >= 0) {
    cc_replay_tail(error_log, real_errors);
    dup2(real_errors, STDERR_FILENO);
    real_errors = -1;
  }
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
}

static int collect(int character) {
  if (restore_length < sizeof restore) restore[restore_length++] = (char)character;
  return character;
}

static void collect_capability(const char *name) {
  char *text = tigetstr(name);
  if (text && text != (char *)-1) tputs(text, 1, collect);
}

int cc_terminal_learn(const char *term, int input, int output) {
  int found = 0;
  armed = 0;
  if (setupterm(term, output, &found) != OK) return 0;
  restore_length = 0;
  collect_capability("sgr0");
  collect_capability("op");
  collect_capability("rmkx");
  collect_capability("cnorm");
  collect_capability("rmcup");
  del_curterm(set_curterm(NULL));
  terminal_output = output;
  terminal_input = input;
  // The terminal is opened again, so that O_NONBLOCK does not affect other processes.
  if (writer < 0)
    writer = open(ttyname(output) ? ttyname(output) : "/dev/tty",
                  O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return 1;
}

void cc_terminal_arm(void) {
  modes_known = tcgetattr(terminal_input, &modes) == 0;
  screen_modes_known = 0;
  armed = 1;
}

void cc_terminal_note_modes(void) {
  screen_modes_known = tcgetattr(terminal_input, &screen_modes) == 0;
}

void cc_terminal_disarm(void) { armed = 0; }

int cc_terminal_is_armed(void) { return armed; }

int cc_in_background(void) {
  pid_t foreground = terminal_input < 0 ? -1 : tcgetpgrp(terminal_input);
  return foreground > 0 && foreground != getpgrp();
}

int cc_terminal_is_cooked(void) {
  struct termios now;
  return tcgetattr(terminal_input, &now) == 0 && now.c_lflag & ICANON;
}

/// Waits a moment so that signal handlers can finish. A process that is continued in the background
/// is about to be stopped again, and a stop would interrupt the handlers of signals that arrived
/// together with SIGCONT, in any thread.
static void let_handlers_finish(void) {
  struct timespec moment = {.tv_nsec = 5000000};
  for (int i = 0; i < 40 && cc_in_background(); i++) nanosleep(&moment, NULL);
}

void cc_terminal_await(void) {
  struct termios now;
  let_handlers_finish();
  while (tcgetattr(terminal_input, &now) == 0 && tcsetattr(terminal_input, TCSANOW, &now) != 0 &&
         errno == EINTR) {
  }
}

void cc_crash_error_output(int real, int log) {
  real_errors = real;
  error_log = log;
}
