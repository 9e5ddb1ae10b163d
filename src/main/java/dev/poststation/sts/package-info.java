/// What domains publish over HTTPS about TLS to their mail exchangers (MTA-STS, RFC 8461), and what
/// is remembered of it.
@NullMarked
package dev.poststation.sts;

import org.jspecify.annotations.NullMarked;
