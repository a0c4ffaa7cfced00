/// The C that the terminal stands on: the parts of ncurses that Swift cannot import (macros, shared
/// variables), the width of a code point, and what must run inside a signal handler.
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

/// Starts a screen of terminal type `term` on two descriptors, which stay the caller's.
/// Returns NULL where terminfo knows no such terminal or it cannot position a cursor.
SCREEN *cc_open(const char *term, int input, int output);
/// Ends the screen and releases it.
void cc_close(SCREEN *screen);

int cc_columns(void);
int cc_rows(void);
int cc_colors(void);
int cc_color_pairs(void);
/// 1 when colour number -1 means the terminal's own foreground and background.
int cc_has_default_colors(void);

/// Writes one cell: a base code point and up to two combining marks (0: none).
void cc_put(int row, int column, uint32_t base, uint32_t mark, uint32_t mark2, int modifiers,
            int pair);
/// Reads one cell back; returns the number of code points written to `text` (at most 5).
int cc_peek(int row, int column, uint32_t *text, int *modifiers, int *pair);
/// Sends what changed. With `everything`, repaints the whole screen.
void cc_refresh(int everything);
/// Puts the cursor at a cell, or hides it where `row` is negative.
void cc_cursor(int row, int column);

/// What a key sends by its name in terminfo, such as kcuu1; NULL where the terminal lacks it.
const char *cc_key_text(const char *name);
/// The character that some bytes begin with in the locale's charset: the bytes it takes, 0 where more
/// must come, -1 where there is none.
int cc_character(const uint8_t *bytes, size_t count, uint32_t *scalar);
/// Asks the terminal to report the mouse, or to stop. Ended with the screen, also by a crash.
void cc_mouse(int on);
/// Asks the terminal to mark the begin and the end of what is pasted. Ended likewise.
void cc_bracket_pastes(void);

/// Leaves the screen for the shell, keeping the program's modes to come back to.
void cc_leave(void);
void cc_return(void);
void cc_resize(int rows, int columns);
/// The size the terminal on `descriptor` reports; 0 when it reports none.
int cc_window_size(int descriptor, int *rows, int *columns);

/// Cells that a code point takes: 0 combining, 1, 2, or -1 where it cannot be shown.
/// The answer is UTF-8's whatever the locale of the process.
int cc_width(uint32_t scalar);
/// Sets the character locale: 2 UTF-8 from the environment, 1 C.UTF-8, 0 neither. With `insist`,
/// C.UTF-8 is taken where the environment names another character set.
int cc_choose_locale(int insist);

/// Signals that ask for something (INT TERM HUP QUIT TSTP CONT WINCH) are written to a pipe, one byte
/// each. Returns the end to read from, or -1.
int cc_signals_open(void);
/// Takes the signals over again (curses and a suspension both replace handlers).
void cc_signals_take(void);
/// Puts the handlers back that were there before the first `cc_signals_take`.
void cc_signals_release(void);
/// The next signal that came in, or 0.
int cc_signals_next(void);
/// Stops the process as ^Z does without us, and returns when it is continued.
void cc_stop_self(void);

/// Installs handlers for SIGILL TRAP ABRT BUS FPE SEGV on an alternate stack. They put the terminal
/// back, show the tail of the captured error output, and hand over to the handler before.
void cc_crash_install(void);
/// Gives the calling thread an alternate stack, so that a stack overflow in it is caught as well.
/// Lives as long as the process: for the few threads that do.
void cc_crash_thread_stack(void);
/// The sentence that a SIGBUS writes before it exits with 1 (a mapped file that shrank); copied.
/// NULL or empty: SIGBUS is a crash like the others.
void cc_crash_bus_sentence(const char *sentence);

/// Puts the terminal back, says `text` on stderr and ends the process with 1.
__attribute__((noreturn)) void cc_crash_end(const char *text);
/// Tells the crash handlers about the screen: call after `cc_open`; saves nothing but the means.
void cc_crash_arm(int output);
/// Remembers the terminal's modes as they are now, to put back after a crash.
void cc_crash_remember_modes(int input);
/// The screen is down: crashes no longer touch the terminal.
void cc_crash_disarm(void);
/// Where error output really goes while it is captured into the file `log` (-1, -1: it is not).
void cc_crash_error_output(int real, int log);
/// Writes the last lines of the captured output to `to`; safe inside a signal handler.
void cc_replay_tail(int log, int to);

#endif
