package dev.poststation.config;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// For which mail a service of `content` is: all of it must hold. Immutable.
///
/// @param mail what `routes` ask for, too
/// @param direction from where to where; empty: any
/// @param own our domains, as patterns
/// @param contentType what the mail is as a whole, one of these; empty: anything
/// @param partType of what it has a part, itself included, one of these; empty: of anything
public record ContentConditions(
    RouteConditions mail,
    Set<Direction> direction,
    List<String> own,
    List<MediaType> contentType,
    List<MediaType> partType) {
  /// From where to where a mail goes, by the sender of its envelope and a recipient.
  public enum Direction {
    /// From somebody else to us.
    INBOUND,
    /// To somebody else, whoever wrote it.
    OUTBOUND,
    /// From us to us.
    INTERNAL
  }

  public ContentConditions {
    direction = Set.copyOf(direction);
    own = List.copyOf(own);
    contentType = List.copyOf(contentType);
    partType = List.copyOf(partType);
  }

  /// Our domains.
  static List<String> own(Section in) {
    List<String> own =
        in.list(
            "own-domains",
            Kinds.PATTERN,
            Standard.emptyList("none", "example.com", ".example.com"),
            """
            Your domains: `example.com`, or `.example.com` for all below it. By them `direction` in
            `content` tells mail to you from mail to others.
            """);
    for (String pattern : own) {
      if (pattern.equals("<>") || pattern.indexOf('@') > 0) {
        in.error(
            "own-domains",
            "own-domains: " + pattern + " is no domain",
            "write the domain alone: \"example.com\"");
      }
    }
    return own;
  }

  static ContentConditions read(Section in, RouteConditions.Known known, List<String> own) {
    var mail = RouteConditions.read(in, known);
    List<Direction> direction =
        in.list(
            "direction",
            Kinds.choice(Direction.class),
            Standard.emptyList("any", "inbound", "internal"),
            """
            From where to where, by `own-domains`: `inbound` is from others to you, `internal` from
            you to you, `outbound` to others. Who it is from says the sender of the envelope, and
            `<>` is not you.
            """);
    in.refuseEmpty("direction", direction, "write what it is for, or remove it");
    if (!direction.isEmpty() && own.isEmpty() && !in.reading().documenting()) {
      in.error(
          "direction",
          in.path("direction") + " needs to know which domains are yours",
          "write own-domains = [\"example.com\"] at the top level");
    }
    List<MediaType> contentType =
        in.list(
            "content-type",
            MediaType.KIND,
            Standard.emptyList("any", "text/calendar", "multipart/encrypted"),
            """
            What the mail is as a whole, by its `Content-Type`: `text/plain` where it has none.
            """);
    in.refuseEmpty("content-type", contentType, "write what it is for, or remove it");
    List<MediaType> partType =
        in.list(
            "part-type",
            MediaType.KIND,
            Standard.emptyList("any", "application/zip", "image/*"),
            """
            Of what the mail has a part, at any depth; the mail itself is one, too. To find out, all
            of the mail is read. What goes beyond `limits.mime` fails (`on-error`).
            """);
    in.refuseEmpty("part-type", partType, "write what it is for, or remove it");
    var directions = EnumSet.noneOf(Direction.class);
    directions.addAll(direction);
    return new ContentConditions(mail, directions, own, contentType, partType);
  }

  /// Whether all mail is meant.
  public boolean isEmpty() {
    return mail.isEmpty() && direction.isEmpty() && contentType.isEmpty() && partType.isEmpty();
  }
}
