#define _GNU_SOURCE
#include "CCurses.h"

#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>

static locale_t utf8;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_locale(void) { utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0); }

int cc_width(uint32_t scalar) {
  if (scalar >= 0x20 && scalar < 0x7f) return 1;
  pthread_once(&once, open_locale);
  if (utf8 == (locale_t)0) return scalar < 0xa0 ? -1 : 1;
  locale_t before = uselocale(utf8);
  int width = wcwidth((wchar_t)scalar);
  uselocale(before);
  return width;
}

int cc_choose_locale(int insist) {
  // Only LC_CTYPE is set: a decimal comma must not affect numbers that are read or written.
  const char *chosen = setlocale(LC_CTYPE, "");
  const char *codeset = nl_langinfo(CODESET);
  if (chosen && strcmp(codeset, "UTF-8") == 0) return 2;
  // Another character set was named, which the terminal uses; plain C names none.
  if (chosen && strcmp(codeset, "ANSI_X3.4-1968") != 0 && !insist) return 0;
  return setlocale(LC_CTYPE, "C.UTF-8") ? 1 : 0;
}
