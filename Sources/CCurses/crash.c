#define _GNU_SOURCE
#include "CCurses.h"
#include "restore.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
enum { FATAL = sizeof fatal / sizeof *fatal };
static struct sigaction earlier[FATAL];
static char sentence[512];

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) {
  }
}

/// Calls the previous signal handler, which reports the crash. Raising the signal again is not
/// enough: a handler that expects the fault to recur returns from a signal that was sent, and the
/// process would continue.
static void call_previous_handler(
    struct sigaction *handler, int number, siginfo_t *why, void *context) {
  if (handler->sa_flags & SA_SIGINFO)
    handler->sa_sigaction(number, why, context);
  else if (handler->sa_handler != SIG_DFL && handler->sa_handler != SIG_IGN)
    handler->sa_handler(number);
}

/// Replaces standard input by /dev/null, or closes it if no descriptor is free.
static void detach_input(void) {
  int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0) {
    close(STDIN_FILENO);
    nothing = open("/dev/null", O_RDONLY);
  }
  if (nothing > STDIN_FILENO) {
    dup2(nothing, STDIN_FILENO);
    close(nothing);
  }
}

static void handle_crash(int number, siginfo_t *why, void *context) {
  cc_terminal_put_back();
  if (number == SIGBUS && sentence[0] && why && why->si_code > 0) {
    say(sentence);
    _exit(1);
  }
  // Swift's backtracer would wait 30 s for a key at a terminal; without input it only prints the
  // report.
  detach_input();
  for (int i = 0; i < FATAL; i++)
    if (fatal[i] == number) call_previous_handler(&earlier[i], number, why, context);
  signal(number, SIG_DFL);
  // A fault recurs when its instruction runs again; a signal that was sent does not, and is raised
  // again.
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

static void quit(int number) {
  signal(number, SIG_DFL);
  raise(number);
}

/// Swift's runtime treats SIGQUIT as a crash unless it has a handler. Here it is a request to end
/// at once.
static void take_quit(void) {
  struct sigaction now;
  if (sigaction(SIGQUIT, NULL, &now) == 0 && now.sa_handler != SIG_IGN) signal(SIGQUIT, quit);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED
#endif
#endif

#ifdef IS_SANITIZED
__attribute__((constructor)) static void take_quit_late(void) { take_quit(); }
#else
// Runs before the initialisers of libraries, and so before Swift's runtime.
__attribute__((section(".preinit_array"), used)) static void (*const first)(void) = take_quit;
#endif

void cc_crash_install(void) {
  static int done;
  cc_crash_thread_stack();
  if (done) return;
  done = 1;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = handle_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < FATAL; i++) sigaction(fatal[i], &action, &earlier[i]);
}

void cc_crash_sigbus_message(const char *text) {
  if (text == NULL) text = "";
  strncpy(sentence, text, sizeof sentence - 2);
  sentence[sizeof sentence - 2] = 0;
  if (sentence[0]) strcat(sentence, "\n");
}

void cc_crash_end(const char *text) {
  cc_terminal_put_back();
  say(text);
  _exit(1);
}
