/// The commands of the program.
@NullMarked
package dev.poststation.cli;

import org.jspecify.annotations.NullMarked;
