/// What is in a mail, and what must change: the services of `content`, in their order.
///
/// The intake asks a [Pipeline] which services are meant by a mail before its content comes, and
/// has them look at it when it is there, before it is stored and acknowledged. A service finds
/// nothing, gives back a changed [Message], or says that the mail is to be refused or held; when it
/// cannot do its work, its entry says what then. Nothing is decided here that is not told with its
/// reason.
@NullMarked
package dev.poststation.content;

import org.jspecify.annotations.NullMarked;
