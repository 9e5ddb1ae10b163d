/// What the conditions of a rule ask of a mail, and whether they hold: for `routes`, which decide
/// by recipient, and for `content`, which decides by mail. Called by stations; asks a directory
/// where a condition does.
@NullMarked
package dev.poststation.conditions;

import org.jspecify.annotations.NullMarked;
