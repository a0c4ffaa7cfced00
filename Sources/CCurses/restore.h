/// Internal functions for ending a screen; not for Swift.
#ifndef RESTORE_H
#define RESTORE_H

/// Restores the terminal and prints the captured error output; async-signal-safe, with a short
/// timeout.
void cc_terminal_put_back(void);
/// Whether a screen is active.
int cc_terminal_is_armed(void);
/// Whether a byte could be written to the terminal now.
int cc_terminal_takes_bytes(void);
/// 1 if another process group has the terminal.
int cc_in_background(void);
/// Stops the drawing thread for good, so that nothing is drawn after the restore. Returns at once
/// in that thread, and if there is none.
void cc_display_halt(void);

#endif
