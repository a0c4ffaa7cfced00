#include "CCurses.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static int ends[2] = {-1, -1};
static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH};
enum { TAKEN = sizeof taken / sizeof *taken };
static struct sigaction before[TAKEN];
static int installed;

static void pass_on(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe holds thousands of requests already: this one changes nothing.
  if (write(ends[1], &byte, 1) < 0) {
  }
  errno = saved;
}

int cc_signals_open(void) {
  if (ends[0] < 0) {
    if (pipe(ends) != 0) return -1;
    for (int i = 0; i < 2; i++) {
      fcntl(ends[i], F_SETFL, O_NONBLOCK);
      fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
  }
  cc_signals_take();
  return ends[0];
}

void cc_signals_take(void) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = pass_on;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < TAKEN; i++) sigaction(taken[i], &action, installed ? NULL : &before[i]);
  installed = 1;
}

void cc_signals_release(void) {
  if (!installed) return;
  for (int i = 0; i < TAKEN; i++) sigaction(taken[i], &before[i], NULL);
  installed = 0;
}

int cc_signals_next(void) {
  unsigned char byte;
  return ends[0] >= 0 && read(ends[0], &byte, 1) == 1 ? byte : 0;
}

void cc_stop_self(void) {
  struct sigaction standard, ours;
  sigset_t stop, mask;
  memset(&standard, 0, sizeof standard);
  standard.sa_handler = SIG_DFL;
  sigemptyset(&standard.sa_mask);
  sigaction(SIGTSTP, &standard, &ours);
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
  // To this thread: sent to the process, another thread could take it after the handler is back.
  pthread_kill(pthread_self(), SIGTSTP);
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  sigaction(SIGTSTP, &ours, NULL);
}
