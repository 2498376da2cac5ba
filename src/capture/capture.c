typedef int p2i_placeholder; /* being written */
