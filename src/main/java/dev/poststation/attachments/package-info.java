/// What files in a mail are: by their names, by what they say they are, and by what they are; in
/// archives, too.
///
/// Rules are values; an inspection is confined to one thread.
@NullMarked
package dev.poststation.attachments;

import org.jspecify.annotations.NullMarked;
