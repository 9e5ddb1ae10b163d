package dev.poststation.system;

import java.util.List;
import java.util.Map;

/// A private rspamd that knows GTUBE, and does what fields of the mail wish of it: `X-Want-Score`,
/// `X-Want-Action`, `X-Want-Fields`. What it was told of the mail it puts into a field.
final class RspamdPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      options {
        pidfile = "@HOME@/pid";
        filters = "";
        cache_file = "@HOME@/symbols.cache";
        hs_cache_dir = "@HOME@/";
        history_file = "@HOME@/history";
        dynamic_conf = "@HOME@/dynamic";
        control_socket = "@HOME@/control mode=0600";
        url_tld = "@HOME@/suffixes";
        dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
      }
      logging { type = "console"; level = "info"; }
      worker "normal" { bind_socket = "127.0.0.1:@PORT@"; bind_socket = "@HOME@/rspamd.sock mode=0666"; count = 1; }
      worker "controller" {
        bind_socket = "127.0.0.1:@CONTROL@"; count = 1; password = "secret"; secure_ip = [];
      }
      classifier "bayes" {
        tokenizer { name = "osb"; }
        backend = "sqlite3"; min_tokens = 0; min_learns = 0;
        statfile { symbol = "BAYES_HAM"; spam = false; path = "@HOME@/ham.sqlite"; }
        statfile { symbol = "BAYES_SPAM"; spam = true; path = "@HOME@/spam.sqlite"; }
      }
      worker "rspamd_proxy" {
        bind_socket = "127.0.0.1:@PROXY@"; milter = yes; timeout = 10s; count = 1;
        upstream "local" { default = yes; self_scan = yes; }
      }
      actions { reject = 15; rewrite_subject = 8; add_header = 6; greylist = 4; subject = "[Spam: ü] %s"; }
      group "own" { symbols { "WISHES" { weight = 1.0; } } }
      lua = "@HOME@/own.lua";
      """;

  private static final String RULES =
      """
      rspamd_config:register_symbol{ name = 'KNOWN_CORRESPONDENT', type = 'normal', score = -5.0,
        callback = function(task) return task:get_header('X-Known-Correspondent') == 'yes' end }
      rspamd_config:register_symbol{
        name = 'WISHES', type = 'normal', score = 1.0,
        callback = function(task)
          local score = task:get_header('X-Want-Score')
          if score then task:insert_result('WISHES', tonumber(score)) end
          local action = task:get_header('X-Want-Action')
          if action then task:set_pre_result(action, 'As you wished: ' .. action) end
          if task:get_header('X-Want-Fields') then
            local from = (task:get_from('smtp') or {{}})[1]
            local to = {}
            for _, rcpt in ipairs(task:get_recipients('smtp') or {}) do to[#to + 1] = rcpt.addr end
            task:set_milter_reply({
              add_headers = {
                ['X-Placed'] = { value = 'one', order = 1 },
                ['X-Listed'] = { 'a', 'b' },
                ['X-Told'] = table.concat({ tostring(from.addr), table.concat(to, ','),
                  tostring(task:get_user()), tostring(task:get_helo()), tostring(task:get_from_ip()),
                  tostring(task:get_queue_id()), tostring(task:get_request_header('Settings-ID')),
                  tostring(task:get_request_header('MTA-Name')),
                  tostring(task:get_request_header('Password')) }, '|'),
              },
              remove_headers = { ['X-Old'] = 0, ['X-Two'] = 2 },
            })
          end
        end
      }
      """;

  private final Home home;
  private final int port;
  private final int proxy;
  private final int controller;
  private Program program;

  private RspamdPeer(Home home, int port, int proxy, int controller) {
    this.controller = controller;
    this.home = home;
    this.port = port;
    this.proxy = proxy;
    this.program = begin();
  }

  static RspamdPeer start() {
    Home home = Home.create("rspamd");
    int port = Port.free();
    int proxy = Port.free();
    int controller = Port.free();
    var values =
        Map.of(
            "HOME",
            home.path().toString(),
            "PORT",
            Integer.toString(port),
            "PROXY",
            Integer.toString(proxy),
            "CONTROL",
            Integer.toString(controller));
    home.write("rspamd.conf", CONFIGURATION, values);
    home.write("own.lua", RULES, Map.of());
    home.write("suffixes", "com\norg\n", Map.of());
    return new RspamdPeer(home, port, proxy, controller);
  }

  private Program begin() {
    String user = System.getProperty("user.name");
    var share = Peers.file("usr/share/rspamd");
    var started =
        Program.start(
            List.of(
                Peers.program("rspamd"),
                "-f",
                "-i",
                "-u",
                user,
                "-g",
                user,
                "-c",
                home.path().resolve("rspamd.conf").toString(),
                "--var=RUNDIR=" + home.path(),
                "--var=DBDIR=" + home.path(),
                "--var=LOGDIR=" + home.path(),
                "--var=SHAREDIR=" + share,
                "--var=LUALIBDIR=" + share.resolve("lualib"),
                "--var=RULESDIR=" + share.resolve("rules"),
                "--var=PLUGINSDIR=" + share.resolve("plugins")));
    Port.awaitListening(started, port);
    Port.awaitListening(started, proxy);
    Port.awaitListening(started, controller);
    return started;
  }

  int port() {
    return port;
  }

  /// Of its proxy, which is a milter.
  int proxy() {
    return proxy;
  }

  /// Of its controller, whose password is "secret".
  int controller() {
    return controller;
  }

  /// Its socket, as `at` has it.
  String socket() {
    return "unix:" + home.path().resolve("rspamd.sock");
  }

  /// Ends it, as a crash does, with its workers.
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
