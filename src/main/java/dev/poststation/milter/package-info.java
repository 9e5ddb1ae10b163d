/// The milter protocol, version 6, from the side of the mail server: what is agreed upon at the
/// beginning, the stages of a mail, and what a milter answers and changes.
///
/// There is no standard of it: this is what the library libmilter of Sendmail 8.14 and later sends
/// and understands, and versions 2 to 5 as older ones do. What a milter wants is given back as
/// values, and nothing is done here about it. Bounded in all that a milter can make grow.
@NullMarked
package dev.poststation.milter;

import org.jspecify.annotations.NullMarked;
