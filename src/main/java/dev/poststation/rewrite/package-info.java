/// Which addresses become others on the way: maps, masquerading, subaddresses.
@NullMarked
package dev.poststation.rewrite;

import org.jspecify.annotations.NullMarked;
