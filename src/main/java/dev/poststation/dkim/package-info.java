/// Signatures that say which domain answers for a mail (DKIM, RFC 6376; Ed25519 by RFC 8463): the
/// keys of our domains and where they stand in their lives, the records that the DNS must have of
/// them, and the signing itself. The content services call `Signing` for each mail, the commands
/// `poststation dkim` look after the keys. A body is read once, in pieces, whatever the number of
/// signatures; a mail is signed wholly or not at all.
@NullMarked
package dev.poststation.dkim;

import org.jspecify.annotations.NullMarked;
