// Nothing is called from here: linking it in is enough.
