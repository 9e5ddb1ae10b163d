/// Signatures and encryption of mail by OpenPGP (RFC 9580, RFC 3156): our keys and those of others,
/// where they stand on disk, and the messages that are made with them. The content services ask for
/// both for each mail, the commands `poststation pgp` look after the files. What OpenPGP is made of
/// is a matter of PGPainless and Bouncy Castle; MIME around it is a matter of the content services.
@NullMarked
package dev.poststation.openpgp;

import org.jspecify.annotations.NullMarked;
