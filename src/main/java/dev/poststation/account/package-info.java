/// Who is this? Answers the mechanisms of `sasl` from the users file, and slows down and blocks
/// those who guess passwords.
///
/// `server` asks when a client logs in, `policy` for a user's own addresses; the commands `user`
/// write the file.
@NullMarked
package dev.poststation.account;

import org.jspecify.annotations.NullMarked;
