/// What signing and encrypting mail has in common, by S/MIME or OpenPGP: the keys on disk, and the
/// threads and the memory for the work.
///
/// It knows nothing of how a key or a signature looks: `smime` and `openpgp` do.
@NullMarked
package dev.poststation.seal;

import org.jspecify.annotations.NullMarked;
