/// The resolver: names to addresses and mail exchangers, with the difference between "no" and "not now".
@NullMarked
package dev.poststation.dns;

import org.jspecify.annotations.NullMarked;
