/// Tells domains daily what TLS to their mail exchangers was like (RFC 8460): when, where to, and
/// how often it is tried. The relay feeds it with sessions; it hands mail to the intake.
@NullMarked
package dev.poststation.reporting;

import org.jspecify.annotations.NullMarked;
