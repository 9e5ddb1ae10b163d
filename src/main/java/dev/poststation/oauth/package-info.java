/// Access tokens for next hops: this relay as a client of OAuth 2 (RFC 6749), with what it has been
/// granted kept in `data` (docs/manual/oauth.md).
@NullMarked
package dev.poststation.oauth;

import org.jspecify.annotations.NullMarked;
