/// C functions of the terminal: parts of ncurses that Swift cannot import (macros, shared
/// variables), the width of a code point, and code that runs in signal handlers.
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

/// Modifier bits of `cc_put`; the same values as `Modifiers` in Swift.
enum {
  CC_BOLD = 1,
  CC_DIM = 2,
  CC_ITALIC = 4,
  CC_UNDERLINED = 8,
  CC_REVERSED = 16,
};

/// Starts a screen of terminal type `term` on two descriptors, which the caller keeps. It has the
/// size of the terminal's description until `cc_resize`. Returns NULL if terminfo has no such
/// terminal or it cannot position a cursor.
SCREEN *cc_open(const char *term, int input, int output);
/// Ends the screen and releases it.
void cc_close(SCREEN *screen);

int cc_columns(void);
int cc_rows(void);
int cc_colors(void);
int cc_color_pairs(void);
/// 1 if colour -1 is the terminal's default foreground and background.
int cc_has_default_colors(void);

/// Writes one cell: a base code point and up to two combining marks (0: none).
void cc_put(int row, int column, uint32_t base, uint32_t mark, uint32_t mark2, int modifiers,
            int pair);
/// Reads one cell back; returns the number of code points written to `text` (at most 5).
int cc_peek(int row, int column, uint32_t *text, int *modifiers, int *pair);
/// Sends the changed cells, or with `everything` the whole screen.
void cc_refresh(int everything);
/// Moves the cursor to a cell, or hides it if `row` is negative.
void cc_cursor(int row, int column);

/// The bytes of a key by its terminfo name, such as kcuu1; NULL if the terminal has none.
const char *cc_key_text(const char *name);
/// Decodes the first character in the locale's charset: returns its length in bytes, 0 if
/// incomplete, -1 if invalid.
int cc_character(const uint8_t *bytes, size_t count, uint32_t *scalar);
/// Turns mouse reports on or off. Turned off with the screen, also by a crash.
void cc_mouse(int on);
/// Turns bracketed paste on; turned off likewise.
void cc_bracket_pastes(void);

/// Restores the shell's terminal modes and saves the program's modes for the return.
void cc_leave(void);
void cc_return(void);
void cc_resize(int rows, int columns);
/// The size the terminal on `descriptor` reports, at most `limit` each way; otherwise COLUMNS and
/// LINES. Returns 0 if neither is set.
int cc_window_size(int descriptor, int limit, int *rows, int *columns);

/// Width of a code point in cells: 0 (combining), 1, 2, or -1 if not printable; as in UTF-8 for any
/// locale.
int cc_width(uint32_t scalar);
/// Sets the character locale: 2 UTF-8 from the environment, 1 C.UTF-8, 0 neither. With `insist`,
/// C.UTF-8 is used if the environment names another character set.
int cc_choose_locale(int insist);

/// Installs handlers for INT, TSTP, CONT, WINCH and for all signals that end the process by default
/// without a crash (HUP QUIT TERM USR1 PIPE ALRM XCPU …, real-time signals). Ignored signals stay
/// ignored, except INT. Returns a descriptor that becomes readable on a signal, or -1.
///
/// While the terminal is armed, the calling thread must poll `cc_signals_next` and end after a
/// terminating signal; after one second the process ends anyway. While it is not armed, such a
/// signal ends the process by default.
int cc_signals_open(void);
/// Restores the previous handlers. After a terminating signal they stay, so that the one-second
/// limit applies.
void cc_signals_release(void);
/// The next pending signal, or 0. Terminating signals come first; ^C is counted, the others are
/// merged.
int cc_signals_next(void);
/// Discards pending TSTP and CONT after the process was stopped and continued.
void cc_signals_forget_stop(void);
/// Stops the process like ^Z by default, and returns when it is continued; at once if ^Z is
/// ignored.
void cc_stop_self(void);

/// Looks up the sequences that restore terminal `term`; returns 0 if it is unknown.
int cc_terminal_learn(const char *term, int input, int output);
/// Arms the restorer: from now on any end of the process restores the terminal with its current
/// modes.
void cc_terminal_arm(void);
/// Records the current modes as those of the screen.
void cc_terminal_note_modes(void);
/// Disarms the restorer after the screen has ended.
void cc_terminal_disarm(void);
/// 1 if another process group has the terminal.
int cc_in_background(void);
/// 1 if the terminal is in canonical mode: another process changed its modes.
int cc_terminal_is_cooked(void);
/// Returns when the terminal may be written to. In the background the process is stopped until then, after
/// a moment in which pending signals are handled.
void cc_terminal_await(void);

/// Installs handlers for SIGILL TRAP ABRT BUS FPE SEGV on an alternate stack. They restore the
/// terminal, print the end of the captured error output, and call the previous handler.
void cc_crash_install(void);
/// Gives the calling thread an alternate stack, so that a stack overflow is caught. Never freed:
/// for long-lived threads only.
void cc_crash_thread_stack(void);
/// The error message that SIGBUS prints before it exits with 1 (a truncated mapped file); copied.
/// NULL or empty: SIGBUS is a crash.
void cc_crash_sigbus_message(const char *sentence);

/// Restores the terminal, prints `text` on stderr and exits with 1.
__attribute__((noreturn)) void cc_crash_end(const char *text);
/// The original error output while it is captured into the file `log` (-1, -1: not captured).
void cc_crash_error_output(int real, int log);
/// Writes the last lines of the captured output to `to`; safe inside a signal handler.
void cc_replay_tail(int log, int to);

#endif
