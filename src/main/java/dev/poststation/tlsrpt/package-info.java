/// Reports about TLS between mail servers (TLS-RPT, RFC 8460).
@NullMarked
package dev.poststation.tlsrpt;

import org.jspecify.annotations.NullMarked;
