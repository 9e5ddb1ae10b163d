/// Backups of `data`: written beside their place and renamed, checked file by file, restored into
/// an empty directory.
@NullMarked
package dev.poststation.backup;

import org.jspecify.annotations.NullMarked;
