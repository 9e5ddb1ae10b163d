/// Poststation, a smarthost: the whole program wired by constructors on one page, `Poststation`.
@NullMarked
package dev.poststation;

import org.jspecify.annotations.NullMarked;
