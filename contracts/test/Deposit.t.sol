// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC3009DepositCollectorDouble} from "../src/ERC3009DepositCollectorDouble.sol";
import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {IDepositCollector} from "../src/interfaces/IDepositCollector.sol";
import {Fixture} from "./support/Fixture.sol";
import {vm} from "./support/Vm.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

/// @title Money goes in only as its payer signed, for the channel it was signed for, once
contract DepositTest is Fixture {
    function test_aRelaySubmitsThePayersSignature() public {
        IBatchSettlement.ChannelConfig memory config = defaultConfig();
        bytes memory data = depositData(config, PAYER_KEY, 2e6, 1);
        bytes32 id = escrow.getChannelId(config);
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.ChannelCreated(id, config);
        vm.expectEmit(ESCROW);
        emit IBatchSettlement.Deposited(id, relay, 2e6, 2e6);
        vm.prank(relay);
        escrow.deposit(config, 2e6, COLLECTOR, data);
        vm.assertEq(balanceOf(config), 2e6, "balance of the channel");
        vm.assertEq(token.balanceOf(ESCROW), 2e6, "held by the escrow");
        vm.assertEq(token.balanceOf(payer), 998e6, "left to the payer");
    }

    function test_aTopUpAdds() public {
        fund(defaultConfig(), 2e6, 1);
        fund(defaultConfig(), 3e6, 2);
        vm.assertEq(balanceOf(defaultConfig()), 5e6, "balance");
    }

    function test_aDepositCannotBeSubmittedTwice() public {
        IBatchSettlement.ChannelConfig memory config = defaultConfig();
        bytes memory data = depositData(config, PAYER_KEY, 2e6, 1);
        escrow.deposit(config, 2e6, COLLECTOR, data);
        bytes32 nonce = keccak256(abi.encode(escrow.getChannelId(config), uint256(1)));
        vm.expectRevert(abi.encodeWithSelector(ERC3009.ERC3009UsedAuthorization.selector, payer, nonce));
        escrow.deposit(config, 2e6, COLLECTOR, data);
        vm.assertEq(balanceOf(config), 2e6, "counted once");
    }

    function test_aSignatureForOneChannelFundsNoOther() public {
        bytes memory data = depositData(defaultConfig(), PAYER_KEY, 2e6, 1);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        escrow.deposit(configOf("another"), 2e6, COLLECTOR, data);
    }

    function test_aSignatureForOneAmountPaysNoOther() public {
        bytes memory data = depositData(defaultConfig(), PAYER_KEY, 2e6, 1);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        escrow.deposit(defaultConfig(), 3e6, COLLECTOR, data);
    }

    function test_nobodyBurnsADepositByCallingTheCollector() public {
        bytes memory data = depositData(defaultConfig(), PAYER_KEY, 2e6, 1);
        bytes32 id = escrow.getChannelId(defaultConfig());
        vm.expectRevert(ERC3009DepositCollectorDouble.OnlySettlement.selector);
        vm.prank(thief);
        IDepositCollector(COLLECTOR).collect(payer, TOKEN, 2e6, id, data);
    }

    function test_noDelayOutsideOfTheBounds() public {
        IBatchSettlement.ChannelConfig memory config = defaultConfig();
        uint40[2] memory wrong = [uint40(15 minutes - 1), 30 days + 1];
        for (uint256 i = 0; i < wrong.length; ++i) {
            config.withdrawDelay = wrong[i];
            bytes memory data = depositData(config, PAYER_KEY, 1e6, i);
            vm.expectRevert(IBatchSettlement.WithdrawDelayOutOfRange.selector);
            escrow.deposit(config, 1e6, COLLECTOR, data);
        }
        uint40[2] memory right = [uint40(15 minutes), 30 days];
        for (uint256 i = 0; i < right.length; ++i) {
            config.withdrawDelay = right[i];
            fund(config, 1e6, i);
            vm.assertEq(balanceOf(config), 1e6, "at the bound");
        }
    }

    function test_noPartyMayBeNobody() public {
        for (uint256 i = 0; i < 4; ++i) {
            IBatchSettlement.ChannelConfig memory config = defaultConfig();
            if (i == 0) config.payer = address(0);
            if (i == 1) config.receiver = address(0);
            if (i == 2) config.receiverAuthorizer = address(0);
            if (i == 3) config.token = address(0);
            vm.expectRevert(IBatchSettlement.InvalidChannel.selector);
            escrow.deposit(config, 1e6, COLLECTOR, "");
        }
    }

    function test_nothingAndNoCollectorAreRefused() public {
        vm.expectRevert(IBatchSettlement.ZeroDeposit.selector);
        escrow.deposit(defaultConfig(), 0, COLLECTOR, "");
        vm.expectRevert(IBatchSettlement.InvalidCollector.selector);
        escrow.deposit(defaultConfig(), 1, address(0), "");
    }

    function test_aCollectorThatBringsNothingFundsNothing() public {
        address liar = address(new LyingCollector());
        vm.expectRevert(IBatchSettlement.DepositCollectionFailed.selector);
        escrow.deposit(defaultConfig(), 1e6, liar, "");
    }

    function test_aCollectorCannotPassASettlementOffAsADeposit() public {
        fund(defaultConfig(), 2e6, 1);
        claimed(defaultConfig(), 1e6);
        address sly = address(new ReenteringCollector(relay));
        vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
        escrow.deposit(defaultConfig(), 1e6, sly, "");
    }

    function test_aBalanceDoesNotOverflow() public {
        fund(defaultConfig(), 1, 1);
        vm.expectRevert(IBatchSettlement.DepositOverflow.selector);
        escrow.deposit(defaultConfig(), type(uint128).max, COLLECTOR, "");
    }

    function testFuzz_whatIsSignedIsWhatIsHeld(uint64 amount, uint256 salt, bytes32 channelSalt) public {
        amount = uint64(1 + (amount % 1_000e6));
        IBatchSettlement.ChannelConfig memory config = configOf(channelSalt);
        fund(config, amount, salt);
        vm.assertEq(balanceOf(config), amount, "balance");
        vm.assertEq(token.balanceOf(payer) + token.balanceOf(ESCROW), 1_000e6, "no money made or lost");
    }

    function testFuzz_noOtherKeyDeposits(uint256 key, uint64 amount) public {
        key = 1 + (key % (CURVE_ORDER - 1));
        if (vm.addr(key) == payer) return;
        amount = uint64(1 + (amount % 1_000e6));
        IBatchSettlement.ChannelConfig memory config = defaultConfig();
        bytes memory data = depositData(config, key, amount, 1);
        vm.expectRevert(ERC3009.ERC3009InvalidSignature.selector);
        escrow.deposit(config, amount, COLLECTOR, data);
    }
}

contract LyingCollector is IDepositCollector {
    function collect(address, address, uint256, bytes32, bytes calldata) external {}
}

contract ReenteringCollector is IDepositCollector {
    address private immutable receiver;

    constructor(address receiver_) {
        receiver = receiver_;
    }

    function collect(address, address token, uint256, bytes32, bytes calldata) external {
        IBatchSettlement(msg.sender).settle(receiver, token);
    }
}
