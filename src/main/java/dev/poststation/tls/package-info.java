/// Certificates chosen by server name and reloaded when their files change, and the TLS policies of
/// both ends.
@NullMarked
package dev.poststation.tls;

import org.jspecify.annotations.NullMarked;
