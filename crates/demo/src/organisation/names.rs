//! Real kinds of names: with accents, apostrophes, particles, in other scripts, and sometimes only one.
//!
//! A name in another script is written `script|Latin`, because passports and user names need the Latin form and it
//! should not be guessed.

/// Where names come from that are used together.
#[derive(Debug)]
pub(crate) struct Culture {
    /// Separated by commas.
    given: &'static str,
    family: &'static str,
}

impl Culture {
    pub(crate) fn given(&self) -> Vec<&'static str> {
        self.given.split(", ").collect()
    }
    pub(crate) fn family(&self) -> Vec<&'static str> {
        self.family.split(", ").collect()
    }
}

/// The two forms of an entry: as written, and in Latin letters where that is another.
pub(crate) fn forms(entry: &str) -> (&str, &str) {
    entry.split_once('|').unwrap_or((entry, ""))
}

pub(crate) static NORWEGIAN: Culture = Culture {
    given: "Åse, Bjørn, Ingrid, Øyvind, Sølvi, Håkon, Ragnhild, Terje, Máret, Ánte, Guro, Eirik, Liv, Kåre, \
        Tuva, Sverre",
    family: "Åsheim, Bakke, Dahl, Eikeland, Fjørtoft, Grønli, Haugen, Kvåle, Lien, Myhre, Næss, Ødegård, \
        Rønning, Sæther, Tveit, Utsi",
};
pub(crate) static GERMAN: Culture = Culture {
    given: "Jürgen, Käthe, Anna-Maria, Björn, Sören, Heike, Mareike, Lothar, Ute, Friedrich, Gisela, \
        Torsten, Zoë, Matthias",
    family: "Müller, Weiß, Schröder, von Hagen, Köhler, Brückner, Groß, Jäger, Krüger, Löwe, Pfeiffer, \
        Rößler, Vogt, zur Mühlen",
};
pub(crate) static FRENCH: Culture = Culture {
    given: "Étienne, Hélène, Jean-Baptiste, Maëlle, Théo, Océane, Loïc, Cécile, Gaël, Inès, Rémi, Aurélie, \
        Ousmane, Aïssatou",
    family: "d'Aubigné, Lefèvre, Chénier, N'Diaye, Le Goff, Desprès, Garçon, Hérault, L'Hermite, Moreau, \
        Nguyễn, Traoré, Vasseur, Bélanger",
};
pub(crate) static PORTUGUESE: Culture = Culture {
    given: "João, Conceição, Inês, Gonçalo, Luísa, Zé, Ângela, Tomás, Beatriz, Simão, Mafalda, Vítor, \
        Lurdes, Caetano, Iara, Jurema",
    family: "dos Santos, Araújo, Brandão, da Conceição, Esteves, Falcão, Guimarães, Leitão, Magalhães, \
        Nóbrega, Peixoto, Queirós, Simões, Távora, Vasconcelos, Xavier de Sá",
};
pub(crate) static IRISH: Culture = Culture {
    given: "Aoife, Caoimhe, Seán, Niamh, Tadhg, Róisín, Oisín, Gráinne, Fionn, Sadhbh, Ciarán, Éabha, \
        Donnchadh, Bríd",
    family: "O'Sullivan, Ó Briain, Mac an Ghoill, O'Driscoll, Nic Giolla, McGrath, Ní Dhomhnaill, Byrne, \
        FitzGerald, O'Hara, Quirke, Uí Chonaill, Keane, Lally",
};
pub(crate) static GREEK: Culture = Culture {
    given: "Ελένη|Eleni, Γιώργος|Giorgos, Κατερίνα|Katerina, Νίκος|Nikos, Αγγελική|Angeliki, \
        Θανάσης|Thanasis, Ιωάννα|Ioanna, Σπύρος|Spyros, Χρύσα|Chrysa, Λευτέρης|Lefteris",
    family: "Παπαδοπούλου|Papadopoulou, Αντωνίου|Antoniou, Βλάχος|Vlachos, Δημητρίου|Dimitriou, \
        Ζαφείρη|Zafeiri, Καραγιάννης|Karagiannis, Μακρής|Makris, Ξένου|Xenou, Ρήγας|Rigas, \
        Τσακίρη|Tsakiri",
};
pub(crate) static UKRAINIAN: Culture = Culture {
    given: "Олена|Olena, Тарас|Taras, Мар'яна|Mariana, Богдан|Bohdan, Юлія|Yuliia, Остап|Ostap, \
        Дарина|Daryna, Ігор|Ihor",
    family: "Шевчук|Shevchuk, Коваленко|Kovalenko, Лук'яненко|Lukianenko, Бойко|Boiko, Гнатюк|Hnatiuk, \
        Савчин|Savchyn, Щербина|Shcherbyna, Яремчук|Yaremchuk",
};
pub(crate) static KENYAN: Culture = Culture {
    given: "Wanjirũ, Ochieng, Achieng, Kamau, Nyambura, Kiprotich, Chebet, Mwende, Otieno, Makena, Juma, \
        Zawadi, Barasa, Naliaka",
    family: "Ng'ang'a, Odhiambo, Wekesa, Kimani, Mũtua, Cheruiyot, Owino, Njoroge, Muthoni, Simiyu, Lang'at, \
        Atieno, Gachara, Omondi",
};
pub(crate) static INDIAN: Culture = Culture {
    given: "Lakshmi, Arjun, Meenakshi, Venkatesh, Ananya, Suresh, Kavitha, Imran, Gurpreet, Deepika, Rohan, \
        Fatima, Harish, Priyanka, Ayyappan, Jyoti, Nandini, Tejas",
    family: "Subramanian, Iyer, Hegde, Krishnamurthy, Rao, Sheikh, Singh Sandhu, D'Souza, Patil, Nair, \
        Bhattacharya, Chakraborty, Menon, Gowda, Kulkarni, Vaidya, Ranganathan, Joshi",
};
pub(crate) static TAMIL: Culture = Culture {
    given: "கவிதா|Kavitha, முருகன்|Murugan, செல்வி|Selvi, இளங்கோ|Ilango",
    family: "பாண்டியன்|Pandian, சுந்தரம்|Sundaram, வேலு|Velu, நடராஜன்|Natarajan",
};
pub(crate) static JAPANESE: Culture = Culture {
    given: "健|Ken, 陽子|Yoko, さくら|Sakura, 大輔|Daisuke, 美咲|Misaki, 翔太|Shota, 直樹|Naoki, 恵|Megumi, 隆|Takashi, \
        葵|Aoi, 悠斗|Yuto, 千尋|Chihiro",
    family: "佐藤|Sato, 鈴木|Suzuki, 渡辺|Watanabe, 小林|Kobayashi, 中村|Nakamura, 山口|Yamaguchi, 井上|Inoue, 木村|Kimura, \
        斎藤|Saito, 清水|Shimizu, 森|Mori, 長谷川|Hasegawa",
};
pub(crate) static KOREAN: Culture = Culture {
    given: "지훈|Ji-hoon, 서연|Seo-yeon, 민준|Min-jun, 하은|Ha-eun, 도윤|Do-yun, 유진|Yu-jin, 현우|Hyun-woo, 수빈|Su-bin",
    family: "김|Kim, 이|Lee, 박|Park, 최|Choi, 정|Jung, 강|Kang, 황보|Hwangbo, 윤|Yoon",
};
pub(crate) static CHINESE: Culture = Culture {
    given: "伟|Wei, 芳|Fang, 秀英|Xiuying, 晓东|Xiaodong, 梅|Mei, 建国|Jianguo, 雨桐|Yutong, 浩然|Haoran",
    family: "王|Wang, 李|Li, 张|Zhang, 刘|Liu, 陈|Chen, 欧阳|Ouyang, 赵|Zhao, 黄|Huang",
};
pub(crate) static VIETNAMESE: Culture = Culture {
    given: "Thị Hương, Đức Anh, Minh Châu, Quốc Bảo, Thùy Linh, Văn Tùng",
    family: "Đặng, Phạm, Lê, Hoàng, Võ, Bùi",
};
pub(crate) static ARABIC: Culture = Culture {
    given: "ليلى|Layla, يوسف|Youssef, نور|Nour, عمر|Omar, سلمى|Salma, خالد|Khaled",
    family: "الحداد|al-Haddad, منصور|Mansour, بن علي|Ben Ali, خوري|Khoury, الشريف|al-Sharif, زيدان|Zidan",
};
pub(crate) static HEBREW: Culture = Culture {
    given: "נועה|Noa, איתן|Eitan, תמר|Tamar, אורי|Uri",
    family: "לוי|Levi, פרידמן|Fridman, ברק|Barak, שפירא|Shapira",
};
pub(crate) static POLISH: Culture = Culture {
    given: "Łukasz, Małgorzata, Świętosława, Grażyna, Bożena, Paweł, Żaneta, Stanisław",
    family: "Wójcik, Dąbrowska, Kamiński, Gołąb, Żak, Szczęsny, Łęcka, Brzęczyszczykiewicz",
};
pub(crate) static TURKISH: Culture = Culture {
    given: "İpek, Çağrı, Gülşen, Oğuz, Şebnem, Yiğit, Ümit, Defne",
    family: "Öztürk, Yıldırım, Çelik, Güneş, Şahin, Kılıç, Aydın, Ünal",
};
pub(crate) static AUSTRALIAN: Culture = Culture {
    given: "Matilda, Lachlan, Kirra, Angus, Bindi, Jarrah, Imogen, Hamish, Mikaere, Aroha, Declan, Freya",
    family: "Whitlam, Ngarimu, McKenzie, Te Rangi, Blackwood, Fairweather, Tūhoe, Sorensen, O'Dea, \
        Callaghan, Yunupingu, Pemberton",
};
pub(crate) static AMERICAN: Culture = Culture {
    given: "Kaʻiulani, DeShawn, Guadalupe, Hunter, Mary Beth, José, Xochitl, Brandon, Keisha, Walter, \
        Ashley, Malik, Tanisha, Rosalía, Clyde, Winona",
    family: "Kealoha, Washington, de la Cruz, Begay, St. Clair, Peña, Van Buren, Jefferson, Núñez, D'Angelo, \
        Littlefield, Muñoz, Thibodeaux, Vanderbilt, Whitehorse, Okafor",
};
pub(crate) static CANADIAN: Culture = Culture {
    given: "Chloé, Wyatt, Sedna, Émilien, Harjit, Margaux, Angus, Siobhán, Nanook, Beatrix",
    family: "Leblanc-Ross, MacDonald, Kowalchuk, Iqaluk, Beauchêne, Thorvaldson, Dosanjh, Fraser, Gagnon, \
        Stewart-Wong",
};
pub(crate) static NIGERIAN: Culture = Culture {
    given: "Adébáyọ̀, Chidinma, Olúwaṣeun, Ngozi, Ẹniọlá, Emeka",
    family: "Adéyẹmí, Nwosu, Ọ̀ṣúnlànà, Eze, Balógun, Obi",
};
/// People with one name.
pub(crate) static INDONESIAN: Culture = Culture { given: "Suharti, Budiono, Sumarni, Wagiman", family: "" };
