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

/// Starts a screen of terminal type `term` on two descriptors, which stay the caller's. It has the size
/// of the terminal's description until `cc_resize`.
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
/// The size the terminal on `descriptor` reports, at most `limit` each way; where it reports none, what
/// COLUMNS and LINES say. 0 when nobody says.
int cc_window_size(int descriptor, int limit, int *rows, int *columns);

/// Cells that a code point takes: 0 combining, 1, 2, or -1 where it cannot be shown.
/// The answer is UTF-8's whatever the locale of the process.
int cc_width(uint32_t scalar);
/// Sets the character locale: 2 UTF-8 from the environment, 1 C.UTF-8, 0 neither. With `insist`,
/// C.UTF-8 is taken where the environment names another character set.
int cc_choose_locale(int insist);

/// Takes the signals that ask for something (INT TSTP CONT WINCH) and all that would end the process
/// by default and are no crash (HUP QUIT TERM USR1 PIPE ALRM XCPU …, real-time signals). Those that are
/// ignored stay so, but for INT. Returns a descriptor that becomes readable with them, or -1.
///
/// While the terminal is armed, the thread that calls this is to ask `cc_signals_next`, and to end
/// where an ending signal came; a second later the process ends without it. While it is not, such a
/// signal ends the process as if it were not taken.
int cc_signals_open(void);
/// Puts the handlers back that were there before. After a signal that ends, they stay: whatever is
/// still done, is done within its second.
void cc_signals_release(void);
/// The next signal that came in, or 0. An ending one comes first; ^C as often as it was pressed, the
/// others once.
int cc_signals_next(void);
/// Forgets requests to stop and to go on that came in: the process has been stopped and goes on.
void cc_signals_forget_stop(void);
/// Stops the process as ^Z does without us, and returns when it is continued; at once where ^Z is
/// ignored.
void cc_stop_self(void);

/// Learns what puts terminal `term` back, before anything is sent to it; 0 where it is not known.
int cc_terminal_learn(const char *term, int input, int output);
/// A screen is about to be up: from now on, whatever ends the process puts the terminal back, with the
/// modes it has now.
void cc_terminal_arm(void);
/// The modes are now those of the screen.
void cc_terminal_note_modes(void);
/// The screen is down: whatever ends the process no longer touches the terminal.
void cc_terminal_disarm(void);
/// Another process group has the terminal.
int cc_in_background(void);
/// The terminal gathers lines: somebody has changed its modes.
int cc_terminal_is_cooked(void);
/// Returns when the terminal may be written to. In the background the process is stopped until then, after
/// a moment in which pending signals are handled.
void cc_terminal_await(void);

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
/// Where error output really goes while it is captured into the file `log` (-1, -1: it is not).
void cc_crash_error_output(int real, int log);
/// Writes the last lines of the captured output to `to`; safe inside a signal handler.
void cc_replay_tail(int log, int to);

#endif
