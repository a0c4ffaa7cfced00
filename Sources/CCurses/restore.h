/// Internal functions for ending a screen; not imported by Swift.
#ifndef RESTORE_H
#define RESTORE_H

/// Restores the terminal and prints the captured error output; async-signal-safe, with a short
/// timeout.
void cc_terminal_put_back(void);
/// Whether a screen is active, so that the terminal must be restored.
int cc_terminal_is_armed(void);
/// Whether the terminal can accept a byte now.
int cc_terminal_takes_bytes(void);
/// Returns 1 if another process group is in the terminal's foreground.
int cc_in_background(void);
/// Stops the drawing thread permanently, so that nothing is drawn after the terminal is restored.
/// Returns at once if called in that thread, and if there is none.
void cc_display_halt(void);

#endif
