package dev.poststation.config;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `log`.
///
/// @param file where the mail log goes; null: standard output
/// @param sizeMax octets of the file, and as many of the one before
public record LogSettings(Format format, @Nullable Path file, long sizeMax) {
  static LogSettings read(Section in) {
    Format format =
        in.read(
            "format",
            Kinds.choice(Format.class),
            "logfmt",
            """
            The form of a line of the mail log: `logfmt` (`key=value`, for people and machines),
            `json`, or `postfix` for programs that read the log of Postfix (pflogsumm, fail2ban).
            """);
    Optional<Path> file =
        in.optional(
            "file",
            in.file(),
            Standard.none(
                "standard output, which the journal of systemd keeps",
                "/var/log/poststation/mail.log"),
            """
            Where the mail log goes. A file that was moved away (logrotate) is made anew.
            """);
    long sizeMax =
        in.read(
            "size-max",
            Kinds.size("1 MB", "10 TB"),
            "2 GB",
            """
            Octets of the file; then it gets the name with `.full` behind it, in place of the one
            that has it, and a new one begins. So a flood that fills the log does not fill the disk.
            Larger than what comes between two runs of logrotate: some two million mails.
            """);
    return new LogSettings(format, file.orElse(null), sizeMax);
  }

  /// The form of a line.
  public enum Format {
    /// `key=value …`.
    LOGFMT,
    /// One JSON object a line.
    JSON,
    /// As Postfix writes it, for existing parsers.
    POSTFIX
  }
}
