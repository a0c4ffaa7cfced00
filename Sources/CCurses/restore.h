/// What the files of this target share about ending a screen; not for Swift.
#ifndef RESTORE_H
#define RESTORE_H

/// Puts the terminal back and shows what was captured of error output; async-signal-safe, and it never
/// waits for a terminal longer than a moment.
void cc_terminal_put_back(void);
/// Whether a screen is up that would have to be put back.
int cc_terminal_is_armed(void);
/// Whether a byte could be written to the terminal now.
int cc_terminal_takes_bytes(void);
/// Another process group reads the terminal.
int cc_in_background(void);
/// Stops the thread that draws for good, so that nothing is drawn over what is put back. Returns at
/// once in that thread itself, and where there is none.
void cc_display_halt(void);

#endif
