/// C functions for the terminal: parts of ncurses that Swift cannot import (macros, shared
/// variables), the width of code points, and code that runs in signal handlers.
#ifndef CCURSES_H
#define CCURSES_H

#ifndef NCURSES_WIDECHAR
#define NCURSES_WIDECHAR 1
#endif
#ifndef _XOPEN_SOURCE_EXTENDED
#define _XOPEN_SOURCE_EXTENDED 1
#endif

#include <curses.h>
#include <stddef.h>
#include <stdint.h>

/// Modifier bits for `cc_put`, equal to `Modifiers` in Swift.
enum {
  CC_BOLD = 1,
  CC_DIM = 2,
  CC_ITALIC = 4,
  CC_UNDERLINED = 8,
  CC_REVERSED = 16,
};

/// Starts a screen for terminal type `term` on two file descriptors, which the caller must keep
/// open. Until `cc_resize`, it has the size in the terminal's description. Returns NULL if terminfo
/// has no such terminal, or if the terminal cannot position the cursor.
SCREEN *cc_open(const char *term, int input, int output);
/// Ends a screen and frees its memory.
void cc_close(SCREEN *screen);

int cc_columns(void);
int cc_rows(void);
int cc_colors(void);
int cc_color_pairs(void);
/// Returns 1 if colour -1 is the terminal's default foreground and background.
int cc_has_default_colors(void);

/// Writes one cell: a base code point and up to two combining marks (0 for none).
void cc_put(int row, int column, uint32_t base, uint32_t mark, uint32_t mark2, int modifiers,
            int pair);
/// Reads one cell; returns the number of code points written to `text` (at most 5).
int cc_peek(int row, int column, uint32_t *text, int *modifiers, int *pair);
/// Sends the changed cells to the terminal; with `everything` the whole screen.
void cc_refresh(int everything);
/// Moves the cursor to a cell, or hides it if `row` is negative.
void cc_cursor(int row, int column);

/// The byte sequence of a key by its terminfo name, such as kcuu1; NULL if the terminal has no such
/// key.
const char *cc_key_text(const char *name);
/// Decodes the first character in the locale's character set: returns its length in bytes, 0 if
/// incomplete, -1 if invalid.
int cc_character(const uint8_t *bytes, size_t count, uint32_t *scalar);
/// Turns mouse reports on or off. They are also turned off when the screen ends, even by a crash.
void cc_mouse(int on);
/// Turns bracketed paste on. It is turned off when the screen ends, even by a crash.
void cc_bracket_pastes(void);

/// Restores the shell's terminal modes, and saves the program's modes for its return to the screen.
void cc_leave(void);
void cc_return(void);
void cc_resize(int rows, int columns);
/// The terminal size that `descriptor` reports, at most `limit` rows and columns; otherwise LINES
/// and COLUMNS. Returns 0 if neither is available.
int cc_window_size(int descriptor, int limit, int *rows, int *columns);

/// Width of a code point in cells: 0 (combining), 1, 2, or -1 if not printable; the same in every
/// locale.
int cc_width(uint32_t scalar);
/// Sets the locale for characters. Returns 2 if it is UTF-8 from the environment, 1 if C.UTF-8, 0
/// if neither. With `insist`, C.UTF-8 is used if the environment names another character set.
int cc_choose_locale(int insist);

/// Installs handlers for INT, TSTP, CONT, WINCH and for all signals that end the process by default
/// without a crash (HUP QUIT TERM USR1 PIPE ALRM XCPU …, real-time signals). Ignored signals stay
/// ignored, except INT. Returns a descriptor that becomes readable on a signal, or -1.
///
/// While the terminal is armed, the calling thread must poll `cc_signals_next` and end the program
/// after a terminating signal; after one second the process ends anyway. While it is not armed,
/// such a signal ends the process by default.
int cc_signals_open(void);
/// Restores the previous signal handlers. After a terminating signal they stay installed, so that
/// the limit of one second applies.
void cc_signals_release(void);
/// Returns the next pending signal, or 0. Terminating signals come first; repeated ^C are counted,
/// other repeated signals are merged.
int cc_signals_next(void);
/// Discards pending TSTP and CONT signals after the process was stopped and continued.
void cc_signals_forget_stop(void);
/// Stops the process like ^Z by default, and returns when it is continued; returns at once if ^Z is
/// ignored.
void cc_stop_self(void);

/// Looks up the sequences that restore a terminal of type `term`; returns 0 if the type is unknown.
int cc_terminal_learn(const char *term, int input, int output);
/// Arms the terminal: from now on, whenever the process ends, the terminal is restored to its
/// current modes.
void cc_terminal_arm(void);
/// Records the current terminal modes as those of the screen.
void cc_terminal_note_modes(void);
/// Disarms the terminal after the screen has ended.
void cc_terminal_disarm(void);
/// Returns 1 if another process group is in the terminal's foreground.
int cc_in_background(void);
/// Returns 1 if the terminal is in canonical mode, which means that another process has changed its
/// modes.
int cc_terminal_is_cooked(void);
/// Waits until the terminal may be written to. In the background the process is stopped until then,
/// after a moment in which pending signals are handled.
void cc_terminal_await(void);

/// Installs handlers for SIGILL TRAP ABRT BUS FPE SEGV on an alternate stack. They restore the
/// terminal, print the end of the captured error output, and call the previous handler.
void cc_crash_install(void);
/// Gives the calling thread an alternate signal stack, so that a stack overflow can be handled. The
/// stack is never freed, so only for long-lived threads.
void cc_crash_thread_stack(void);
/// Sets the error message that SIGBUS (a truncated mapped file) prints before the process exits
/// with 1; the text is copied. NULL or empty: SIGBUS counts as a crash.
void cc_crash_sigbus_message(const char *sentence);

/// Restores the terminal, prints `text` on stderr, and exits with 1.
__attribute__((noreturn)) void cc_crash_end(const char *text);
/// Sets the original error output `real` while stderr is captured in the file `log`; -1, -1 if it
/// is not captured.
void cc_crash_error_output(int real, int log);
/// Writes the last lines of the captured error output to `to`; async-signal-safe.
void cc_replay_tail(int log, int to);

#endif
