package dev.poststation.config;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Looks for files in mail that are not wanted. Immutable.
///
/// @param names patterns of their names, in archives, too
/// @param types what they say that they are, or are by their content
/// @param sizeMax octets that a file may have; empty: any
/// @param encrypted whether archives and documents that cannot be looked into are not wanted
/// @param macros whether documents with macros are not wanted
/// @param notice what stands in the place of a file that is removed
public record AttachmentsService(
    List<NamePattern> names,
    List<NamePattern> types,
    Optional<Long> sizeMax,
    boolean encrypted,
    boolean macros,
    OnFile onFound,
    String notice,
    ContentService.TooLarge unreadable)
    implements ContentService {
  static final List<String> KEYS =
      List.of(
          "names", "types", "size-max", "encrypted", "macros", "on-found", "notice", "unreadable");

  /// What stands for the end of a name, and is none with a `*` in front.
  private static final Pattern ENDING = Pattern.compile("\\.[A-Za-z0-9]{1,5}");

  /// What becomes of a mail with such a file.
  public enum OnFile {
    /// It is refused.
    REJECT,
    /// It is taken, and waits for an administrator.
    HOLD,
    /// It goes into the quarantine.
    QUARANTINE,
    /// It goes on without the file.
    STRIP
  }

  public AttachmentsService {
    names = List.copyOf(names);
    types = List.copyOf(types);
  }

  @Override
  public Effect effect() {
    return onFound == OnFile.STRIP ? Effect.CHANGES : Effect.LOOKS;
  }

  static AttachmentsService read(Section in) {
    List<NamePattern> names =
        in.list(
            "names",
            NamePattern.KIND,
            Standard.emptyList("none", "*.exe", "*.js"),
            """
            Names of files that are not wanted, where `*` is anything; also of files in archives (ZIP,
            TAR, gzip, 7z, and archives within them).
            """);
    List<NamePattern> types =
        in.list(
            "types",
            NamePattern.KIND,
            Standard.emptyList("none", "application/x-msdownload"),
            """
            Types of files that are not wanted: as the mail says, and as the content is, whatever it is
            called. `application/x-msdownload` is a program of Windows, `application/x-executable` and
            `application/x-elf` of Linux.
            """);
    Optional<Long> sizeMax =
        in.optional(
            "size-max",
            Kinds.size("1 kB", "10 GB"),
            Standard.none("any", "10 MB"),
            """
            Octets that a file may have.
            """);
    boolean encrypted =
        in.read(
            "encrypted",
            Kinds.FLAG,
            "off",
            """
            Whether archives (ZIP, 7z, RAR) and documents (PDF, Office) that are encrypted are not
            wanted: no scanner looks into them.
            """);
    boolean macros =
        in.read(
            "macros",
            Kinds.FLAG,
            "off",
            """
            Whether documents of Office with macros are not wanted.
            """);
    OnFile onFound = in.read("on-found", Kinds.choice(OnFile.class), "reject", "");
    String notice =
        in.read(
            "notice",
            Kinds.TEXT,
            "The file \"{name}\" was removed from this mail: {reason}.",
            """
            What stands in the place of a file that is removed (`on-found = strip`): a text, or
            `file:PATH`, in UTF-8.
            """);
    TooLarge unreadable =
        in.read(
            "unreadable",
            Kinds.choice(TooLarge.class),
            "hold",
            """
            What becomes of a mail that goes beyond `limits.mime`, or has an archive that is broken or
            too large when it is unpacked: `pass`, `reject` (554), or `hold`.
            """);
    var service =
        new AttachmentsService(
            names,
            types,
            sizeMax,
            encrypted,
            macros,
            onFound,
            DisclaimerService.content(in, "notice", notice),
            unreadable);
    boolean refused = KEYS.stream().anyMatch(in::refused);
    if (service.isEmpty() && !refused && !in.reading().documenting()) {
      in.error(
          "use",
          in.where() + " looks for nothing",
          "write what: names, types, size-max, encrypted = on, or macros = on");
    }
    if (!in.reading().documenting()) {
      service.warn(in);
    }
    return service;
  }

  private void warn(Section in) {
    for (NamePattern name : names) {
      if (ENDING.matcher(name.toString()).matches()) {
        in.warning(
            "names",
            in.path("names") + ": \"" + name + "\" is only a file that has this very name",
            "write \"*" + name + "\" for all whose name ends so");
      }
    }
    if (in.has("notice") && onFound != OnFile.STRIP) {
      in.warning(
          "notice",
          in.path("notice") + " is of no effect: it takes the place of files that are removed",
          "write on-found = strip, or remove it");
    }
  }

  private boolean isEmpty() {
    return names.isEmpty() && types.isEmpty() && sizeMax.isEmpty() && !encrypted && !macros;
  }
}
