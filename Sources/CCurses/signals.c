#define _GNU_SOURCE
#include "CCurses.h"
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { LAST = 64 };

/// Signals that the screen handles, except SIGTSTP if it is ignored.
static const int requests[] = {SIGINT, SIGTSTP, SIGCONT, SIGWINCH};
enum { REQUESTS = sizeof requests / sizeof *requests };
/// Signals that end the process by default without a crash, and real-time signals.
static const int endings[] = {SIGHUP,  SIGQUIT,   SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM,
                              SIGXCPU, SIGVTALRM, SIGPROF, SIGIO,   SIGPWR,  SIGSYS,  SIGSTKFLT};
enum { ENDINGS = sizeof endings / sizeof *endings };

/// Time limits for a clean exit after a signal, in ms: normally, and if the terminal is blocked.
enum { ORDERLY_MS = 1000, STUCK_MS = 200 };

static int ends[2] = {-1, -1};
static struct sigaction before[LAST + 1];
static unsigned char installed[LAST + 1], ignored[LAST + 1];
static atomic_uint waiting[LAST + 1];
static atomic_int ending, halting, halted, has_display;
static pthread_t display;

static void notify_reader(void) {
  unsigned char byte = 1;
  // If the pipe is full, its reader is already notified.
  if (write(ends[1], &byte, 1) < 0) {
  }
}

static void handle_request(int number) {
  int saved = errno;
  if (number == SIGCONT) atomic_store(&waiting[SIGTSTP], 0);
  atomic_fetch_add(&waiting[number], 1);
  notify_reader();
  errno = saved;
}

/// Ends the process with the default action of the signal.
static void end_by_default(int number) {
  sigset_t this;
  signal(number, SIG_DFL);
  sigemptyset(&this);
  sigaddset(&this, number);
  raise(number);
  pthread_sigmask(SIG_UNBLOCK, &this, NULL);
  _exit(128 + number);
}

static void end_now(int number) {
  cc_terminal_put_back();
  _exit(128 + number);
}

static void start_deadline(void) {
  struct itimerval time;
  memset(&time, 0, sizeof time);
  int milliseconds = cc_terminal_takes_bytes() ? ORDERLY_MS : STUCK_MS;
  time.it_value.tv_sec = milliseconds / 1000;
  time.it_value.tv_usec = milliseconds % 1000 * 1000;
  setitimer(ITIMER_REAL, &time, NULL);
}

static void halt(void) {
  sigset_t alarm;
  sigemptyset(&alarm);
  sigaddset(&alarm, SIGALRM);
  pthread_sigmask(SIG_SETMASK, &alarm, NULL);
  atomic_store(&halted, 1);
  while (1) pause();
}

/// Whether SIGPIPE comes from a write of this process, which reports it as EPIPE.
static int is_our_own_pipe(int number, siginfo_t *why) {
  return number == SIGPIPE && why->si_code == SI_USER && why->si_pid == getpid();
}

static void handle_ending(int number, siginfo_t *why, void *context) {
  (void)context;
  int saved = errno;
  int earlier = atomic_load(&ending);
  if (number == SIGALRM && atomic_load(&halting) && pthread_equal(pthread_self(), display)) halt();
  if (number == SIGALRM && earlier && why->si_code == SI_KERNEL) end_now(earlier);
  if (!ignored[number] && !is_our_own_pipe(number, why)) {
    if (!cc_terminal_is_armed()) end_by_default(number);
    if (cc_in_background()) end_now(number);
    if (!earlier) {
      atomic_store(&ending, number);
      start_deadline();
    }
    atomic_fetch_add(&waiting[number], 1);
    notify_reader();
  }
  errno = saved;
}

static void install(int number, struct sigaction *action) {
  if (sigaction(number, NULL, &before[number]) != 0) return;
  int is_ignored = before[number].sa_handler == SIG_IGN;
  // SIGINT (^C is a key) and SIGALRM (the time limit) are handled even if they were ignored; other
  // ignored signals stay ignored.
  if (is_ignored && number != SIGINT && number != SIGALRM) return;
  ignored[number] = is_ignored;
  installed[number] = sigaction(number, action, NULL) == 0;
}

static void install_all(void) {
  struct sigaction request, end;
  memset(&request, 0, sizeof request);
  request.sa_handler = handle_request;
  request.sa_flags = SA_RESTART | SA_ONSTACK;
  sigemptyset(&request.sa_mask);
  memset(&end, 0, sizeof end);
  end.sa_sigaction = handle_ending;
  end.sa_flags = SA_RESTART | SA_ONSTACK | SA_SIGINFO;
  sigfillset(&end.sa_mask);
  for (int i = 0; i < REQUESTS; i++) install(requests[i], &request);
  for (int i = 0; i < ENDINGS; i++) install(endings[i], &end);
  for (int number = SIGRTMIN; number <= SIGRTMAX && number <= LAST; number++) install(number, &end);
}

int cc_signals_open(void) {
  if (ends[0] < 0) {
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -1;
  }
  display = pthread_self();
  atomic_store(&has_display, 1);
  atomic_store(&ending, 0);
  for (int number = 0; number <= LAST; number++) atomic_store(&waiting[number], 0);
  install_all();
  return ends[0];
}

void cc_signals_release(void) {
  // After a terminating signal the time limit stays active.
  if (atomic_load(&ending)) return;
  atomic_store(&has_display, 0);
  for (int number = 1; number <= LAST; number++) {
    if (installed[number]) sigaction(number, &before[number], NULL);
    installed[number] = ignored[number] = 0;
  }
}

/// Removes a pending signal `number`; returns 0 if it is not pending.
static int next(int number, int all_at_once) {
  unsigned count = atomic_load(&waiting[number]);
  if (count == 0) return 0;
  if (all_at_once)
    atomic_store(&waiting[number], 0);
  else
    atomic_fetch_sub(&waiting[number], 1);
  return number;
}

int cc_signals_next(void) {
  unsigned char bytes[64];
  while (ends[0] >= 0 && read(ends[0], bytes, sizeof bytes) > 0) {
  }
  int first = atomic_load(&ending);
  if (first) return next(first, 1);
  for (int i = 0; i < REQUESTS; i++)
    if (next(requests[i], requests[i] != SIGINT)) return requests[i];
  return 0;
}

void cc_signals_forget_stop(void) {
  atomic_store(&waiting[SIGTSTP], 0);
  atomic_store(&waiting[SIGCONT], 0);
}

void cc_display_halt(void) {
  if (!atomic_load(&has_display) || pthread_equal(pthread_self(), display)) return;
  if (!installed[SIGALRM]) return;
  atomic_store(&halting, 1);
  if (pthread_kill(display, SIGALRM) != 0) return;
  struct timespec moment = {.tv_nsec = 1000000};
  for (int i = 0; i < 100 && !atomic_load(&halted); i++) nanosleep(&moment, NULL);
}

void cc_stop_self(void) {
  struct sigaction standard, ours;
  sigset_t stop, mask;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigemptyset(&standard.sa_mask);
  sigaction(SIGTSTP, &standard, &ours);
  if (ours.sa_handler == SIG_IGN) {
    sigaction(SIGTSTP, &ours, NULL);
    return;
  }
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
  // The signal is sent to this thread: if it was sent to the process, another thread could receive
  // it after the handler is restored.
  pthread_kill(pthread_self(), SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  sigaction(SIGTSTP, &ours, NULL);
}
