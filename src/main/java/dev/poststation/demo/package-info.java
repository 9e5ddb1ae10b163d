/// A relay to look at: `poststation demo` starts one, with a sink that plays the Internet, and
/// sends a few mails through it. The small SMTP client that does so serves the command `send` as
/// well.
@NullMarked
package dev.poststation.demo;

import org.jspecify.annotations.NullMarked;
