#define _GNU_SOURCE
#include "CCurses.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

static const int fatal[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
enum { FATAL = sizeof fatal / sizeof *fatal };
static struct sigaction earlier[FATAL];

static volatile sig_atomic_t armed, modes_known;
static int terminal_output = -1, terminal_input = -1;
static int real_errors = -1, error_log = -1;
static struct termios modes;
static char restore[256];
static size_t restore_length;
static char sentence[512];

static void say(int to, const char *text, size_t length) {
  while (length > 0) {
    ssize_t written = write(to, text, length);
    if (written <= 0) return;
    text += written;
    length -= (size_t)written;
  }
}

void cc_replay_tail(int log, int to) {
  struct stat file;
  if (log < 0 || fstat(log, &file) != 0 || file.st_size <= 0) return;
  char block[4096];
  off_t start = file.st_size > (off_t)sizeof block ? file.st_size - (off_t)sizeof block : 0;
  ssize_t length = pread(log, block, sizeof block, start);
  if (length <= 0) return;
  const char *from = block;
  if (start > 0) {
    const char *line = memchr(block, '\n', (size_t)length);
    if (line) from = line + 1;
  }
  say(to, from, (size_t)(block + length - from));
}

static void put_terminal_back(void) {
  if (armed) {
    armed = 0;
    static const char wishes_off[] = "\033[?2004l\033[?1006l\033[?1000l";
    say(terminal_output, wishes_off, sizeof wishes_off - 1);
    say(terminal_output, restore, restore_length);
    if (modes_known) tcsetattr(terminal_input, TCSANOW, &modes);
  }
  if (real_errors >= 0) {
    cc_replay_tail(error_log, real_errors);
    dup2(real_errors, STDERR_FILENO);
    real_errors = -1;
  }
}

/// Lets the handler before ours report. It must not be left to a second delivery: one that expects
/// the fault to come back returns from a signal that was sent, and the process would live on.
static void pass_to(struct sigaction *handler, int number, siginfo_t *why, void *context) {
  if (handler->sa_flags & SA_SIGINFO)
    handler->sa_sigaction(number, why, context);
  else if (handler->sa_handler != SIG_DFL && handler->sa_handler != SIG_IGN)
    handler->sa_handler(number);
}

static void crashed(int number, siginfo_t *why, void *context) {
  put_terminal_back();
  if (number == SIGBUS && sentence[0] && why && why->si_code > 0) {
    say(STDERR_FILENO, sentence, strlen(sentence));
    _exit(1);
  }
  // Swift's backtracer would wait 30 s for a key at a terminal; without input it only reports.
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing >= 0) dup2(nothing, STDIN_FILENO);
  for (int i = 0; i < FATAL; i++)
    if (fatal[i] == number) pass_to(&earlier[i], number, why, context);
  signal(number, SIG_DFL);
  // A fault comes back by itself when its instruction runs again; a signal that was sent does not.
  if (!why || why->si_code <= 0) raise(number);
}

void cc_crash_thread_stack(void) {
  enum { SIZE = 64 * 1024 };
  stack_t alternate;
  memset(&alternate, 0, sizeof alternate);
  if (sigaltstack(NULL, &alternate) == 0 && !(alternate.ss_flags & SS_DISABLE)) return;
  alternate.ss_flags = 0;
  alternate.ss_sp = malloc(SIZE);
  alternate.ss_size = SIZE;
  if (alternate.ss_sp) sigaltstack(&alternate, NULL);
}

void cc_crash_install(void) {
  static int done;
  cc_crash_thread_stack();
  if (done) return;
  done = 1;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = crashed;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < FATAL; i++) sigaction(fatal[i], &action, &earlier[i]);
}

void cc_crash_bus_sentence(const char *text) {
  if (text == NULL) text = "";
  strncpy(sentence, text, sizeof sentence - 2);
  sentence[sizeof sentence - 2] = 0;
  if (sentence[0]) strcat(sentence, "\n");
}

void cc_crash_end(const char *text) {
  put_terminal_back();
  say(STDERR_FILENO, text, strlen(text));
  _exit(1);
}

static int collect(int character) {
  if (restore_length < sizeof restore) restore[restore_length++] = (char)character;
  return character;
}

static void collect_capability(const char *name) {
  char *text = tigetstr(name);
  if (text && text != (char *)-1) tputs(text, 1, collect);
}

void cc_crash_arm(int output) {
  armed = 0;
  restore_length = 0;
  collect_capability("sgr0");
  collect_capability("op");
  collect_capability("rmkx");
  collect_capability("cnorm");
  collect_capability("rmcup");
  terminal_output = output;
  armed = 1;
}

void cc_crash_remember_modes(int input) {
  terminal_input = input;
  modes_known = tcgetattr(input, &modes) == 0;
}

void cc_crash_disarm(void) { armed = 0; }

void cc_crash_error_output(int real, int log) {
  real_errors = real;
  error_log = log;
}
