//! What the settings are, and how they are refused.

use ashlar_drivers::Settings as Driver;
use ashlar_drivers::file::FileSettings;

use super::super::Flag;
use super::super::testing::{load, loaded, refused};
use super::*;

#[test]
fn without_anything_there_is_one_file_backend_and_a_sqlite_database() {
    let settings = loaded("").settings;
    assert_eq!(settings.host, "node-1");
    assert_eq!(settings.api.listen.to_string(), "127.0.0.1:8776");
    assert_eq!(settings.database.url, DatabaseUrl::Sqlite("./ashlar-data/ashlar.db".into()));
    let [backend] = settings.backends.as_slice() else { panic!("one backend") };
    assert_eq!(backend.name.as_str(), "node-1@file");
    assert_eq!(backend.zone, "nova");
    let Driver::File(file) = &backend.settings else { panic!("the driver file") };
    let expected = FileSettings {
        export: file.export.clone(),
        ..FileSettings::new("./ashlar-data/volumes", "file")
    };
    assert_eq!(file, &expected);
}

#[test]
fn the_state_directory_moves_everything_in_it_even_with_odd_letters() {
    let flag = Flag {
        section: "DEFAULT",
        option: "state_path",
        value: "/srv/a$b?c".to_owned(),
        flag: "--state-dir",
    };
    let settings = load("[DEFAULT]\nstate_path = /elsewhere\n", vec![flag]).expect("good").settings;
    assert_eq!(settings.database.url, DatabaseUrl::Sqlite("/srv/a$b?c/ashlar.db".into()));
    let Driver::File(file) = &settings.backends[0].settings else { panic!("the driver file") };
    assert_eq!(file.directory, std::path::Path::new("/srv/a$b?c/volumes"));
}

#[test]
fn backends_have_their_own_values_then_the_shared_ones_then_the_defaults() {
    let settings = loaded(
        "[DEFAULT]\nenabled_backends = Fast, slow\nstorage_availability_zone = az1\nhost = h\n\
         reserved_percentage = 50\n\
         [backend_defaults]\nreserved_percentage = 7\nvolume_driver = sim\n\
         [fast]\nreserved_percentage = 3\nbackend_availability_zone = az2\nbackend_host = shared\n\
         max_over_subscription_ratio = auto\nvolume_backend_name = $backend_host-gold\n\
         [slow]\nsim_pools = a:1,b:2\nsim_latency_ms = 20\nsim_thick = on\n\
         extra_capabilities = {\"tier\": 1}\nfilter_function = volume.size < 5\n\
         sim_failure = list always busy\nsim_failure = stats nth:2 broken after\n",
    )
    .settings;
    let [fast, slow] = settings.backends.as_slice() else { panic!("two backends") };
    assert_eq!((fast.name.as_str(), slow.name.as_str()), ("shared@Fast", "h@slow"));
    assert_eq!((fast.zone.as_str(), slow.zone.as_str()), ("az2", "az1"));
    let Driver::Sim(fast) = &fast.settings else { panic!("sim") };
    let Driver::Sim(slow) = &slow.settings else { panic!("sim") };
    assert_eq!((fast.backend_name.as_str(), slow.backend_name.as_str()), ("shared-gold", "slow"));
    assert_eq!((fast.pools[0].reserved_percentage, slow.pools[1].reserved_percentage), (3, 7));
    assert_eq!(fast.pools[0].max_over_subscription_ratio, None);
    assert_eq!((fast.pools[0].thin, slow.pools[0].thin), (true, false));
    assert_eq!((slow.pools.len(), slow.latency), (2, Duration::from_millis(20)));
    assert!(slow.pools[0].capabilities.contains_key("tier"));
    assert_eq!(slow.pools[0].capabilities["filter_function"], "volume.size < 5");
    assert!(!fast.pools[0].capabilities.contains_key("filter_function"));
    assert_eq!(slow.failures.len(), 2);
}

#[test]
fn a_down_time_that_is_no_longer_than_the_interval_is_stretched_as_cinder_does() {
    let service = loaded("[DEFAULT]\nreport_interval = 60\n").settings.service;
    assert_eq!(service.down_time, Duration::from_secs(150));
}

#[test]
fn cinders_database_urls_are_read_and_their_passwords_are_not_shown() {
    let loaded =
        loaded("[database]\nconnection = mysql+pymysql://cinder:pa$$s@db/cinder?charset=utf8\n");
    assert_eq!(
        loaded.settings.database.url,
        DatabaseUrl::Mysql("mysql://cinder:pa$s@db/cinder".into())
    );
    assert!(!format!("{:?}", loaded.settings).contains("pa$s"));
    assert_eq!(loaded.settings.database.max_connections, 55);
}

#[test]
fn a_proxy_is_trusted_only_when_the_configuration_says_so() {
    let trusts = |text: &str| loaded(text).settings.api.trusts_proxy;
    assert!(!trusts(""));
    assert!(trusts("[oslo_middleware]\nenable_proxy_headers_parsing = true\n"));
}

#[test]
fn a_bad_backend_is_one_line_with_its_place() {
    let enabled = "[DEFAULT]\nenabled_backends = a\n";
    assert_eq!(
        refused(enabled),
        "cinder.conf:2: [DEFAULT] enabled_backends: names 'a', but there is no section [a] that describes it"
    );
    assert_eq!(
        refused(&format!("{enabled}[a]\n")),
        "cinder.conf:3: [a] volume_driver: is not set; known drivers: file, sim"
    );
    let unknown =
        refused(&format!("{enabled}[a]\nvolume_driver = cinder.volume.drivers.rbd.RBDDriver\n"));
    assert!(
        unknown.starts_with("cinder.conf:4: [a] volume_driver: unknown volume driver 'cinder."),
        "{unknown}"
    );
    assert_eq!(
        refused(&format!("{enabled}[a]\nvolume_driver = sim\nsim_pools = x\n")),
        "cinder.conf:5: [a] sim_pools: 'x' is not a list of pools, each name:GiB"
    );
}

#[test]
fn two_file_backends_in_one_directory_are_refused() {
    let text =
        "[DEFAULT]\nenabled_backends = a,b\n[backend_defaults]\nvolume_driver = file\n[a]\n[b]\n";
    assert_eq!(
        refused(text),
        "cinder.conf:6: [b] file_directory: './ashlar-data/volumes' is also the directory of [a]"
    );
}

#[test]
fn a_bad_value_is_one_line_with_its_place() {
    for (text, line) in [
        ("debug = perhaps", "debug: 'perhaps' is not true or false"),
        (
            "osapi_volume_listen_port = 70000",
            "osapi_volume_listen_port: '70000' is not a whole number from 0 to 65535",
        ),
        (
            "backend_stats_polling_interval = 2",
            "backend_stats_polling_interval: '2' is not a whole number from 3",
        ),
        (
            "osapi_volume_listen = here",
            "osapi_volume_listen: 'here' is not an IP address or localhost",
        ),
        (
            "auth_strategy = none",
            "auth_strategy: 'none' is not one of: noauth, noauth_include_project_id, keystone",
        ),
        (
            "max_over_subscription_ratio = 0.5",
            "max_over_subscription_ratio: '0.5' is not 'auto' or a number from 1.0",
        ),
        (
            "state_path = $nowhere/x",
            "state_path: '$nowhere' refers to no option that is set; write $$ for a dollar sign",
        ),
        ("state_path = $state_path/x", "state_path: refers to itself in a circle"),
        (
            "host = a@b",
            "host: a host's name has 1 to 200 characters and neither @ nor # nor white space",
        ),
        (
            "public_endpoint = example.org",
            "public_endpoint: expected a URL that starts with http:// or https://",
        ),
        (
            "public_endpoint = http://a b",
            "public_endpoint: expected a URL that starts with http:// or https://",
        ),
    ] {
        assert_eq!(
            refused(&format!("[DEFAULT]\n\n{text}\n")),
            format!("cinder.conf:3: [DEFAULT] {line}")
        );
    }
}

#[test]
fn a_scheduler_has_a_short_name_and_its_classes_names() {
    for (names, simple) in [
        (["filter", "FilterScheduler", "cinder.scheduler.filter_scheduler.FilterScheduler"], false),
        (["chance", "ChanceScheduler", "cinder.scheduler.chance.ChanceScheduler"], false),
        (["simple", "SimpleScheduler", "cinder.scheduler.simple.SimpleScheduler"], true),
    ] {
        for name in names {
            let text = format!("[DEFAULT]\nscheduler_driver = {name}\nmax_gigabytes = 5\n");
            assert_eq!(loaded(&text).settings.volumes.forced_host_zones, simple, "{name}");
        }
    }
    let line = refused("[DEFAULT]\nscheduler_driver = cinder.scheduler.rpcapi.SchedulerAPI\n");
    assert!(line.contains("is not one of: filter, chance, simple, or"), "{line}");
}

#[test]
fn a_weight_handler_may_be_named_by_class_alone() {
    for name in [
        "OrderedHostWeightHandler",
        "StochasticHostWeightHandler",
        "cinder.scheduler.weights.stochastic.StochasticHostWeightHandler",
    ] {
        let _ = loaded(&format!("[DEFAULT]\nscheduler_weight_handler = {name}\n"));
    }
    let line = refused("[DEFAULT]\nscheduler_weight_handler = Heavy\n");
    assert!(line.contains("StochasticHostWeightHandler"), "{line}");
}

#[test]
fn an_empty_place_of_the_schedulers_options_is_none() {
    let place = |text: &str| loaded(&format!("[DEFAULT]\n{text}\n")).settings.placement_options;
    assert_eq!(place(""), None);
    assert_eq!(place("scheduler_json_config_location ="), None);
    assert_eq!(place("scheduler_json_config_location = /etc/o.json"), Some("/etc/o.json".into()));
}

#[test]
fn notifications_go_to_the_log_or_nowhere() {
    let section = "[oslo_messaging_notifications]\n";
    for (lines, wanted) in [
        ("", false),
        ("driver =\n", false),
        ("driver = noop\n", false),
        ("driver = log\ntopics = a,b\n", true),
        ("driver = noop\ndriver = log\n", true),
    ] {
        let outlets = loaded(&format!("{section}{lines}")).settings.notifications;
        assert_eq!((outlets.log, outlets.are_none()), (wanted, !wanted), "{lines}");
    }
    for driver in ["messaging", "routing", "test", "logs", "log,noop"] {
        let line = refused(&format!("{section}driver = log\ndriver = {driver}\n"));
        assert!(line.starts_with(&format!(
            "cinder.conf:3: [oslo_messaging_notifications] driver: '{driver}' "
        )));
        assert!(line.ends_with("; there are messagingv2, log and noop"), "{line}");
    }
}

#[test]
fn notifications_go_to_rabbitmq_as_oslo_messaging_is_configured() {
    let section = "[oslo_messaging_notifications]\ndriver = messagingv2\n";
    let line = refused(section);
    assert!(line.contains("transport_url: messagingv2 needs it"), "{line}");
    let bus = "[DEFAULT]\ntransport_url = rabbit://u:secret@one,two:5673/v?amqp_durable_queues=1\n";
    let outlets =
        loaded(&format!("{bus}{section}driver = log\nretry = 3\n")).settings.notifications;
    assert!(!format!("{outlets:?}").contains("secret"));
    assert_eq!((outlets.log, outlets.retry), (true, Some(3)));
    let rabbit = outlets.rabbit.expect("it is configured");
    let hosts: Vec<_> = rabbit.hosts.iter().map(|it| (&*it.host, it.port, &*it.user)).collect();
    assert_eq!(hosts, [("one", 5672, "u"), ("two", 5673, "guest")]);
    assert_eq!((&*rabbit.virtual_host, &*rabbit.exchange), ("v", "openstack"));
    assert!(rabbit.durable && !rabbit.auto_delete && rabbit.tls.is_none());
    assert_eq!(rabbit.topics, ["notifications"]);

    let own = "transport_url = rabbit://three/\n[oslo_messaging_rabbit]\nrabbit_quorum_queue = true\nssl = true\n";
    let rabbit = loaded(&format!("{bus}{section}{own}")).settings.notifications.rabbit;
    let rabbit = rabbit.expect("it is configured");
    assert_eq!((&*rabbit.hosts[0].host, rabbit.hosts[0].port), ("three", 5671));
    assert!(rabbit.durable && rabbit.tls.is_some());
    assert_eq!(rabbit.arguments[0].0, "x-queue-type");

    for url in
        ["zmq://h/", "rabbit://", "rabbit://u:secret@h:x/", "rabbit://u:secret@h/?ssl=perhaps"]
    {
        let line = refused(&format!("{section}transport_url = {url}\n"));
        assert!(line.contains("transport_url: ") && !line.contains("secret"), "{line}");
    }
}

#[test]
fn filters_and_weighers_must_exist() {
    for (option, kind) in
        [("scheduler_default_filters", "filter"), ("scheduler_default_weighers", "weigher")]
    {
        let line = refused(&format!("[DEFAULT]\n{option} = CapacityFlter\n"));
        let wanted = format!(
            "cinder.conf:2: [DEFAULT] {option}: there is no {kind} 'CapacityFlter'; there are "
        );
        assert!(line.starts_with(&wanted), "{line}");
    }
}

#[test]
fn a_bad_database_url_is_refused_without_its_password() {
    for text in ["oracle://u:s3cret@h/d", "mysql://u:s3cret$hh@h/d", "s3cret"] {
        let line = refused(&format!("[database]\nconnection = {text}\n"));
        assert!(line.starts_with("cinder.conf:2: [database] connection: "), "{line}");
        assert!(!line.contains("s3cret") && !line.contains("hh"), "{line}");
    }
}

#[test]
fn an_old_name_is_still_read() {
    let settings = loaded("[DEFAULT]\nosapi_max_request_body_size = 10\nlogdir = /l\n").settings;
    assert_eq!(settings.api.max_body, 10);
    assert_eq!(settings.log.directory.as_deref(), Some(std::path::Path::new("/l")));
}

#[test]
fn an_api_without_authentication_stays_on_this_machine_unless_told_otherwise() {
    let open = loaded("[DEFAULT]\nosapi_volume_listen = ::\n");
    let line = open.ensure_private(false).expect_err("refused").to_string();
    assert!(line.contains("--let-anyone-on-the-network-administer"), "{line}");
    assert!(open.ensure_private(true).is_ok());
    for address in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost"] {
        let private = loaded(&format!("[DEFAULT]\nosapi_volume_listen = {address}\n"));
        assert!(private.ensure_private(false).is_ok(), "{address}");
    }
}
