/// What is learned beside the mail, or made by chance, and outlives a restart: small files in
/// `data` (docs/adr/0012-what-is-learned.md).
@NullMarked
package dev.poststation.store;

import org.jspecify.annotations.NullMarked;
