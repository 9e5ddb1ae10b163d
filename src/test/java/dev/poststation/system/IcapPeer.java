package dev.poststation.system;

import java.util.List;
import java.util.Map;

/// A private c-icap that has a clamd look for malware.
final class IcapPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      PidFile @HOME@/pid
      CommandsSocket @HOME@/control
      Timeout 300
      KeepAliveTimeout 600
      StartServers 1
      MaxServers 2
      MinSpareThreads 2
      MaxSpareThreads 4
      ThreadsPerChild 4
      MaxRequestsPerChild 0
      Port 127.0.0.1:@PORT@
      ServerAdmin postmaster@here.test
      ServerName icap.here.test
      TmpDir @HOME@
      MaxMemObject 131072
      DebugLevel 1
      Pipelining on
      ModulesDir @MODULES@
      ServicesDir @MODULES@
      TemplateDir @TEMPLATES@/
      TemplateDefaultLanguage en
      LoadMagicFile @MAGIC@
      ServerLog @HOME@/server.log
      AccessLog @HOME@/access.log
      Service echo srv_echo.so
      Service antivirus_module virus_scan.so
      ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple
      virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE
      virus_scan.SendPercentData 5
      virus_scan.StartSendPercentDataAfter 2M
      virus_scan.MaxObjectSize 5M
      virus_scan.DefaultEngine clamd
      Module common clamd_mod.so
      clamd_mod.ClamdHost 127.0.0.1
      clamd_mod.ClamdPort @CLAMD@
      """;

  private final Home home;
  private final int port;
  private Program program;

  private IcapPeer(Home home, int port) {
    this.home = home;
    this.port = port;
    this.program = begin();
  }

  static IcapPeer start(ClamdPeer clamd) {
    Home home = Home.create("icap");
    int port = Port.free();
    home.write(
        "c-icap.conf",
        CONFIGURATION,
        Map.of(
            "HOME", home.path().toString(),
            "PORT", Integer.toString(port),
            "CLAMD", Integer.toString(clamd.port()),
            "MODULES", Peers.library("c_icap").toString(),
            "TEMPLATES", Peers.file("usr/share/c_icap/templates").toString(),
            "MAGIC", Peers.file("etc/c-icap/c-icap.magic").toString()));
    return new IcapPeer(home, port);
  }

  private Program begin() {
    var started =
        Program.start(
            List.of(
                Peers.program("c-icap"),
                "-N",
                "-D",
                "-f",
                home.path().resolve("c-icap.conf").toString()));
    Port.awaitListening(started, port);
    return started;
  }

  int port() {
    return port;
  }

  /// What it was asked, a line each.
  String access() {
    return home.read("access.log");
  }

  /// Ends it, as a crash does, with its children.
  void kill() {
    program.killAll();
  }

  void restart() {
    program = begin();
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
