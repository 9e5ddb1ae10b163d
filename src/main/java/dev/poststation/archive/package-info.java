/// Archives of mail: each mail as it was, with a record of its envelope. In files, in a chain of
/// hashes that tells what is missing or was changed; in maildirs; in buckets of object stores.
@NullMarked
package dev.poststation.archive;

import org.jspecify.annotations.NullMarked;
