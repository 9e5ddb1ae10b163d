package dev.poststation.cli;

import dev.poststation.config.Loaded;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Os;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.Certificates.Flaw;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.ShownCertificates;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What is wrong with certificates and authorities that a configuration names, for `check` and
/// `run`. Pure functions.
final class CertificateFlaws {
  private CertificateFlaws() {}

  /// All of them.
  static List<Flaw> all(Os os, Loaded loaded) {
    var own = Certificates.flaws(loaded.certificates(), os.disk(), os.time());
    List<Flaw> flaws = new ArrayList<>(own);
    if (loaded instanceof Loaded.Good good) {
      flaws.addAll(besideOwn(os, good, own.stream().noneMatch(Flaw::refused)));
    }
    return flaws;
  }

  /// Those that the relay starts with, but for those of `certificates`, which the start tells.
  static List<String> withoutOwn(Os os, Loaded.Good good) {
    return besideOwn(os, good, true).stream().map(Flaw::text).toList();
  }

  /// @param shown whether those that are shown to others than clients are told, if they can be used
  private static List<Flaw> besideOwn(Os os, Loaded.Good good, boolean shown) {
    var disk = os.disk();
    var configuration = good.configuration();
    var connectors = configuration.connectors().values();
    List<Flaw> flaws = new ArrayList<>();
    configuration.listeners().stream()
        .flatMap(listener -> listener.clientCertificates().authorities().stream())
        .distinct()
        .flatMap(file -> Certificates.flaw(file, disk).stream())
        .forEach(flaws::add);
    boolean usable = shown;
    for (var connector : connectors) {
      var flaw =
          Optional.ofNullable(connector.tls().certificate())
              .flatMap(files -> ClientTls.flaw(files, disk));
      flaw.ifPresent(text -> flaws.add(new Flaw(text, true)));
      usable = usable && flaw.isEmpty();
    }
    if (usable) {
      new ShownCertificates(ClientTls.system(disk), os)
          .concerns(connectors)
          .forEach(text -> flaws.add(new Flaw(text, false)));
    }
    var sts = Optional.ofNullable(configuration.sts().authorities());
    var reports =
        configuration.tlsReports().flatMap(each -> Optional.ofNullable(each.authorities()));
    Stream.concat(Stream.of(sts, reports).flatMap(Optional::stream), of(configuration.users()))
        .distinct()
        .flatMap(file -> ClientTls.flaw(file, disk).stream())
        .forEach(text -> flaws.add(new Flaw(text, false)));
    return flaws;
  }

  private static Stream<Path> of(UsersSettings users) {
    var ldap = users.ldap();
    var oauth = users.oauth();
    return Stream.of(
            Optional.ofNullable(ldap == null ? null : ldap.authorities()),
            Optional.ofNullable(oauth == null ? null : oauth.authorities()))
        .flatMap(Optional::stream);
  }
}
