/// An archive of mail in files: each mail as it was, with a record of its envelope, in a chain of
/// hashes that tells what is missing or was changed.
@NullMarked
package dev.poststation.archive;

import org.jspecify.annotations.NullMarked;
