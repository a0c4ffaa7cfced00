#include "CCurses.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

static FILE *stream(int descriptor, const char *mode) {
  int own = dup(descriptor);
  if (own < 0) return NULL;
  FILE *file = fdopen(own, mode);
  if (file == NULL) close(own);
  return file;
}

static FILE *input_stream, *output_stream;
static int default_colors;
static int is_mouse_wanted, is_paste_wanted;

static void close_streams(void) {
  if (input_stream) fclose(input_stream);
  if (output_stream) fclose(output_stream);
  input_stream = output_stream = NULL;
}

/// Disables flow control, so that ^S is an ordinary key and does not stop the output.
static void take_flow_keys(int input) {
  struct termios modes;
  if (tcgetattr(input, &modes) != 0) return;
  modes.c_iflag &= ~(tcflag_t)IXON;
  tcsetattr(input, TCSADRAIN, &modes);
  def_prog_mode();
}

enum { LARGEST_SIDE = 1000 };

/// Creates a curses screen of the terminal's size, ignoring LINES and COLUMNS. Curses does not
/// limit the size that the terminal reports: beyond the limits, the size is passed in the
/// environment during the call.
static SCREEN *new_screen(const char *term, int output) {
  struct winsize size = {0};
  int is_too_large = ioctl(output, TIOCGWINSZ, &size) == 0 &&
                     (size.ws_row > LARGEST_SIDE || size.ws_col > LARGEST_SIDE);
  use_env(is_too_large ? TRUE : FALSE);
  use_tioctl(is_too_large ? FALSE : TRUE);
  if (is_too_large) {
    setenv("LINES", "24", 1);
    setenv("COLUMNS", "80", 1);
  }
  SCREEN *screen = newterm(term, output_stream, input_stream);
  if (is_too_large) {
    unsetenv("LINES");
    unsetenv("COLUMNS");
  }
  // From now on the size is set by `cc_resize`.
  use_env(FALSE);
  use_tioctl(FALSE);
  return screen;
}

SCREEN *cc_open(const char *term, int input, int output) {
  input_stream = stream(input, "r");
  output_stream = stream(output, "w");
  if (!input_stream || !output_stream) {
    close_streams();
    return NULL;
  }
  SCREEN *screen = new_screen(term, output);
  if (screen == NULL) {
    close_streams();
    return NULL;
  }
  set_term(screen);
  const char *address = tigetstr("cup");
  if (address == NULL || address == (char *)-1) {
    cc_close(screen);
    return NULL;
  }
  set_escdelay(25);
  cbreak();
  noecho();
  nonl();
  take_flow_keys(input);
  intrflush(stdscr, FALSE);
  keypad(stdscr, TRUE);
  // Curses must not check for input: it would stop drawing while keys are pending.
  typeahead(-1);
  leaveok(stdscr, FALSE);
  scrollok(stdscr, FALSE);
  curs_set(0);
  default_colors = 0;
  if (has_colors()) {
    start_color();
    default_colors = use_default_colors() == OK;
  }
  return screen;
}

static void write_sequence(const char *text) {
  fputs(text, output_stream);
  fflush(output_stream);
}

static void set_mouse_mode(int on) {
  write_sequence(on ? "\033[?1000h\033[?1006h" : "\033[?1006l\033[?1000l");
}

void cc_mouse(int on) {
  if (on != is_mouse_wanted) set_mouse_mode(on);
  is_mouse_wanted = on;
}

void cc_bracket_pastes(void) {
  is_paste_wanted = 1;
  write_sequence("\033[?2004h");
}

/// Turns the terminal modes on or off that curses does not manage: bracketed paste and mouse.
static void set_extra_modes(int on) {
  if (is_paste_wanted) write_sequence(on ? "\033[?2004h" : "\033[?2004l");
  if (is_mouse_wanted) set_mouse_mode(on);
}

void cc_close(SCREEN *screen) {
  set_extra_modes(0);
  is_mouse_wanted = is_paste_wanted = 0;
  endwin();
  delscreen(screen);
  close_streams();
}

int cc_columns(void) { return stdscr ? getmaxx(stdscr) : 0; }
int cc_rows(void) { return stdscr ? getmaxy(stdscr) : 0; }
int cc_colors(void) { return has_colors() ? COLORS : 0; }
int cc_color_pairs(void) { return has_colors() ? COLOR_PAIRS : 0; }
int cc_has_default_colors(void) { return default_colors; }

static attr_t attributes(int modifiers) {
  attr_t a = A_NORMAL;
  if (modifiers & CC_BOLD) a |= A_BOLD;
  if (modifiers & CC_DIM) a |= A_DIM;
  if (modifiers & CC_ITALIC) a |= A_ITALIC;
  if (modifiers & CC_UNDERLINED) a |= A_UNDERLINE;
  if (modifiers & CC_REVERSED) a |= A_REVERSE;
  return a;
}

void cc_put(int row, int column, uint32_t base, uint32_t mark, uint32_t mark2, int modifiers,
            int pair) {
  wchar_t text[4] = {(wchar_t)base, (wchar_t)mark, (wchar_t)mark2, 0};
  cchar_t cell;
  // The colour pair is passed in the extension argument: the plain one is a short and ends at
  // 32767.
  if (setcchar(&cell, text, attributes(modifiers), 0, &pair) == OK)
    mvadd_wch(row, column, &cell);
}

int cc_peek(int row, int column, uint32_t *text, int *modifiers, int *pair) {
  cchar_t cell;
  wchar_t wide[CCHARW_MAX + 1] = {0};
  attr_t a = 0;
  short narrow = 0;
  *pair = 0;
  if (mvin_wch(row, column, &cell) != OK) return 0;
  if (getcchar(&cell, wide, &a, &narrow, pair) != OK) return 0;
  *modifiers = (a & A_BOLD ? CC_BOLD : 0) | (a & A_DIM ? CC_DIM : 0) |
               (a & A_ITALIC ? CC_ITALIC : 0) | (a & A_UNDERLINE ? CC_UNDERLINED : 0) |
               (a & A_REVERSE ? CC_REVERSED : 0);
  int count = 0;
  while (count < CCHARW_MAX && wide[count]) {
    text[count] = (uint32_t)wide[count];
    count++;
  }
  return count;
}

void cc_refresh(int everything) {
  if (everything) clearok(curscr, TRUE);
  wnoutrefresh(stdscr);
  doupdate();
}

void cc_cursor(int row, int column) {
  if (row < 0) {
    curs_set(0);
    return;
  }
  curs_set(1);
  move(row, column);
}

const char *cc_key_text(const char *name) {
  const char *text = tigetstr(name);
  return text == (const char *)-1 ? NULL : text;
}

int cc_character(const uint8_t *bytes, size_t count, uint32_t *scalar) {
  mbstate_t state;
  wchar_t wide = 0;
  memset(&state, 0, sizeof state);
  size_t length = mbrtowc(&wide, (const char *)bytes, count, &state);
  *scalar = (uint32_t)wide;
  if (length == (size_t)-2) return 0;
  if (length == (size_t)-1) return -1;
  return length == 0 ? 1 : (int)length;
}

void cc_leave(void) {
  set_extra_modes(0);
  def_prog_mode();
  endwin();
}

void cc_return(void) {
  reset_prog_mode();
  cc_refresh(1);
  set_extra_modes(1);
}

void cc_resize(int rows, int columns) { resizeterm(rows, columns); }

/// A number in an environment variable; 0 if unset.
static int environment_count(const char *name) {
  const char *text = getenv(name);
  if (text == NULL || *text == 0) return 0;
  char *end;
  long count = strtol(text, &end, 10);
  return *end == 0 && count > 0 ? (count < INT_MAX ? (int)count : INT_MAX) : 0;
}

static int at_most(int limit, int count) { return count < limit ? count : limit; }

int cc_window_size(int descriptor, int limit, int *rows, int *columns) {
  struct winsize size;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) memset(&size, 0, sizeof size);
  int height = size.ws_row ? size.ws_row : environment_count("LINES");
  int width = size.ws_col ? size.ws_col : environment_count("COLUMNS");
  if (height == 0 || width == 0) return 0;
  *rows = at_most(limit, height);
  *columns = at_most(limit, width);
  return 1;
}
