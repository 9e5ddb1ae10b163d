/// Signatures and encryption of mail by S/MIME (RFC 8551): our keys and the certificates of those
/// we write to, where they stand on disk, and the CMS (RFC 5652) that is made with them. The
/// content services ask for both for each mail, the commands `poststation smime` look after the
/// files. What keeps a processor busy is done by the few threads of `seal`. MIME around it is a
/// matter of the content services.
@NullMarked
package dev.poststation.smime;

import org.jspecify.annotations.NullMarked;
